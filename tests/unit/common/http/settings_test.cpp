#include "common/config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "common/http/server.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

class HttpSettingsTest : public testing::Test {
 protected:
  ~HttpSettingsTest() override { std::filesystem::remove(file_); }

  HttpSettings read(const std::string& yaml) {
    std::ofstream(file_) << yaml;
    Settings settings(file_);
    const HttpSettings http = read_http_settings(settings.root(), 8081);
    faults_ = settings.faults();
    return http;
  }

  std::filesystem::path file_ =
      std::filesystem::temp_directory_path() / ("comporta-http-" + std::to_string(getpid()) + ".yaml");
  std::vector<std::string> faults_;
};

TEST_F(HttpSettingsTest, KeepsTheDefaultsButThePort) {
  const HttpSettings http = read("");
  EXPECT_THAT(faults_, IsEmpty());
  EXPECT_EQ(http.port, 8081);
  EXPECT_EQ(http.address, "127.0.0.1");
  EXPECT_EQ(http.threads, HttpSettings().threads);
  EXPECT_EQ(http.idle_timeout, HttpSettings().idle_timeout);
}

TEST_F(HttpSettingsTest, ReadsEveryKey) {
  const HttpSettings http = read(
      R"({address: 0.0.0.0, port: 0, threads: 2, max_connections: 3, max_buffered: 2MiB, header_timeout: 4s,
    body_timeout: 5s, write_timeout: 6s, idle_timeout: 7s, answer_timeout: 8s, leave_time: 9s})");
  EXPECT_THAT(faults_, IsEmpty());
  EXPECT_EQ(http.address, "0.0.0.0");
  EXPECT_EQ(http.port, 0);
  EXPECT_EQ(http.threads, 2);
  EXPECT_EQ(http.max_connections, 3);
  EXPECT_EQ(http.max_buffered_bytes, 2u << 20);
  EXPECT_EQ(http.header_timeout, 4s);
  EXPECT_EQ(http.body_timeout, 5s);
  EXPECT_EQ(http.write_timeout, 6s);
  EXPECT_EQ(http.idle_timeout, 7s);
  EXPECT_EQ(http.answer_timeout, 8s);
  EXPECT_EQ(http.leave_time, 9s);
}

TEST_F(HttpSettingsTest, RefusesWhatCannotBe) {
  read("address: localhost\nport: 70000\nthreads: 0\nidle_timeout: 0s\nmax_body: 1\n");
  EXPECT_THAT(
      faults_,
      ElementsAre(HasSubstr("address: expected an IPv4 address"),
                  HasSubstr("port: expected a whole number from 0 to 65535"),
                  HasSubstr("threads: expected a whole number from 1 to 64"),
                  HasSubstr("idle_timeout: expected a time with its unit (ms, s, m, h) from 100ms to 1h"),
                  EndsWith("max_body: unknown key")));
}

}  // namespace
}  // namespace comporta
