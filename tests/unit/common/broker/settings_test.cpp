#include "common/config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "common/broker/connection.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Outcome {
  BrokerSettings settings;
  std::vector<std::string> faults;
};

Outcome read(const std::string& yaml) {
  std::string folder = (std::filesystem::temp_directory_path() / "comporta-XXXXXX").string();
  EXPECT_NE(mkdtemp(folder.data()), nullptr);
  const auto file = std::filesystem::path(folder) / "daemon.yaml";
  std::ofstream(file) << yaml;
  Settings settings(file);
  Outcome outcome{.settings = read_broker_settings(settings.root().section("broker")),
                  .faults = settings.faults()};
  std::filesystem::remove_all(folder);
  return outcome;
}

TEST(BrokerSettings, HaveDefaults) {
  const Outcome outcome = read("broker: {}\n");
  EXPECT_THAT(outcome.faults, IsEmpty());
  EXPECT_EQ(outcome.settings.port, 5672);
  EXPECT_EQ(outcome.settings.heartbeat, 10s);
  EXPECT_EQ(outcome.settings.queue_type, "quorum");
  EXPECT_EQ(outcome.settings.prefix, "comporta");
}

TEST(BrokerSettings, AreReadFromEveryKey) {
  const Outcome outcome = read(R"(broker:
  host: mq
  port: 5000
  vhost: /records
  user: door
  password: open
  heartbeat: 8s
  connect_timeout: 500ms
  queue_type: classic
  queue_max_bytes: 2GiB
  delivery_limit: 50
  prefix: test.1
)");
  EXPECT_THAT(outcome.faults, IsEmpty());
  EXPECT_EQ(outcome.settings.host, "mq");
  EXPECT_EQ(outcome.settings.port, 5000);
  EXPECT_EQ(outcome.settings.vhost, "/records");
  EXPECT_EQ(outcome.settings.user, "door");
  EXPECT_EQ(outcome.settings.password, "open");
  EXPECT_EQ(outcome.settings.heartbeat, 8s);
  EXPECT_EQ(outcome.settings.connect_timeout, 500ms);
  EXPECT_EQ(outcome.settings.queue_type, "classic");
  EXPECT_EQ(outcome.settings.queue_max_bytes, std::size_t{2} << 30);
  EXPECT_EQ(outcome.settings.delivery_limit, 50);
  EXPECT_EQ(outcome.settings.prefix, "test.1");
}

TEST(BrokerSettings, AHostIsOneOrSeveral) {
  EXPECT_THAT(read("broker:\n  host: a,b:5673\n").faults, IsEmpty());
  EXPECT_THAT(read("broker:\n  host: a, b\n").faults, ElementsAre(HasSubstr("expected a host")));
}

}  // namespace
}  // namespace comporta
