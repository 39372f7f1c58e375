#include "services/ingest-gateway/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_folder.h"

namespace comporta::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::filesystem::path kRoot = COMPORTA_SOURCE_DIR;

class GatewaySettingsTest : public ::testing::Test {
 protected:
  GatewaySettings read(const std::string& yaml) {
    const std::filesystem::path file = folder.path() / "gateway.yaml";
    std::ofstream(file) << yaml;
    Settings source(file);
    std::vector<std::string> kind_faults;
    const GatewaySettings settings = read_gateway_settings(
        source.root(), kinds.empty() ? KindSet() : KindSet::load(kRoot / kinds, kind_faults));
    EXPECT_THAT(kind_faults, IsEmpty());
    faults = source.faults();
    return settings;
  }

  test::TemporaryFolder folder;
  std::string kinds;  ///< a folder; empty: there are none
  std::vector<std::string> faults;
};

TEST_F(GatewaySettingsTest, AnEmptyFileMeansTheDefaults) {
  const GatewaySettings settings = read("{}\n");
  EXPECT_THAT(faults, IsEmpty());
  EXPECT_EQ(settings.http.port, 8081);
  EXPECT_EQ(settings.ingest.limits.max_record_bytes, 256U * 1024);
  EXPECT_EQ(settings.ingest.hash_secret, "");
  EXPECT_EQ(settings.ingest.passwords.rules.least, 12U);
  EXPECT_FALSE(settings.access.closed);
}

TEST_F(GatewaySettingsTest, ALimitBehindTheQueuesOwnIsRefused) {
  read("broker: {queue_max_bytes: 1GiB}\n");
  EXPECT_THAT(faults, ElementsAre(HasSubstr("ingest.max_backlog: is more than broker.queue_max_bytes")));
  EXPECT_EQ(
      read("broker: {queue_max_bytes: 1GiB}\ningest: {max_backlog: 1GiB}\n").publisher.max_backlog.bytes,
      std::uint64_t{1} << 30);
  EXPECT_THAT(faults, IsEmpty());
}

TEST_F(GatewaySettingsTest, AKindThatHashesNeedsASecret) {
  kinds = "tests/data/good/kinds";
  const std::string others = "passwords: {secret: " + std::string(32, 's') + "}\n";
  read(others);
  EXPECT_THAT(faults, ElementsAre(HasSubstr("ingest.hash_secret: is missing, but the kind purchase hashes")));
  const GatewaySettings settings = read(others + "ingest: {hash_secret: sixteen-bytes-it}\n");
  EXPECT_THAT(faults, IsEmpty());
  EXPECT_EQ(settings.ingest.hash_secret, "sixteen-bytes-it");
}

TEST_F(GatewaySettingsTest, AKindOfAccountsNeedsTheSecretOfPasswords) {
  kinds = "tests/data/good/kinds";
  const std::string others = "ingest: {hash_secret: sixteen-bytes-it}\n";
  read(others);
  EXPECT_THAT(faults, ElementsAre(HasSubstr("passwords.secret: is missing, but the kind badge has passwords"),
                                  HasSubstr("passwords.secret: is missing, but the kind member has")));
  read(others + "passwords: {secret: " + std::string(31, 's') + "}\n");
  EXPECT_THAT(faults, ElementsAre(HasSubstr("passwords.secret: must have at least 32 bytes")));
  const GatewaySettings settings =
      read(others + "passwords: {secret: " + std::string(32, 's') + ", least: 8}\naccess: {closed: true}\n");
  EXPECT_THAT(faults, IsEmpty());
  EXPECT_EQ(settings.ingest.passwords.secret, std::string(32, 's'));
  EXPECT_EQ(settings.ingest.passwords.rules.least, 8U);
  EXPECT_TRUE(settings.access.closed);
}

TEST_F(GatewaySettingsTest, AShortSecretIsRefused) {
  read("ingest: {hash_secret: fifteen-bytes-x}\n");
  EXPECT_THAT(faults, ElementsAre(HasSubstr("gateway.yaml:1: ingest.hash_secret: must have at least 16")));
}

}  // namespace
}  // namespace comporta::gateway
