#include "services/storage/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "tests/support/temporary_folder.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;

class StorageSettingsTest : public testing::Test {
 protected:
  /// What the shipped file may take from the environment is not the environment's of the tests.
  StorageSettingsTest() {
    std::vector<std::string> names;
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::string_view text = *entry;
      if (text.starts_with("COMPORTA_")) names.emplace_back(text.substr(0, text.find('=')));
    }
    for (const std::string& name : names) ::unsetenv(name.c_str());
  }

  StorageSettings read(const std::string& yaml) {
    const std::filesystem::path file = folder.path() / "storage.yaml";
    std::ofstream(file) << yaml;
    Settings source(file);
    StorageSettings settings = read_storage_settings(source.root());
    faults = source.faults();
    return settings;
  }

  test::TemporaryFolder folder;
  std::vector<std::string> faults;
};

TEST_F(StorageSettingsTest, AnEmptyFileMeansTheDefaults) {
  const StorageSettings settings = read("{}\n");
  EXPECT_THAT(faults, testing::IsEmpty());
  EXPECT_EQ(settings.http.port, 8082);
  EXPECT_EQ(settings.consume.queue, "comporta.storage");
  EXPECT_EQ(settings.store.driver, StoreDriver::kS3);
  EXPECT_EQ(settings.store.s3.endpoint, "http://127.0.0.1:9000");
  EXPECT_EQ(settings.store.s3.request_timeout, 15s);
  EXPECT_EQ(settings.archive.puts_in_flight, 8U);
}

TEST_F(StorageSettingsTest, TheShippedFileIsGoodAndSaysTheDefaults) {
  Settings source(std::filesystem::path(COMPORTA_SOURCE_DIR) / "deploy/config/storage.yaml");
  const Section root = source.root();
  const StorageSettings shipped = read_storage_settings(root);
  const StorageSettings defaults = read("{}\n");
  EXPECT_EQ(shipped.store.s3.endpoint, defaults.store.s3.endpoint);
  EXPECT_EQ(shipped.store.s3.request_timeout, defaults.store.s3.request_timeout);
  EXPECT_EQ(shipped.store.filesystem_root, defaults.store.filesystem_root);
  EXPECT_EQ(shipped.archive.retry_limit, defaults.archive.retry_limit);
  EXPECT_EQ(shipped.consume.prefetch, defaults.consume.prefetch);
  EXPECT_EQ(shipped.reading.queue, defaults.reading.queue);
  for (const char* common : {"log", "operations", "kinds"}) EXPECT_TRUE(root.has(common)) << common;
  for (const std::string& fault : source.faults()) {  // the keys that every daemon's main() reads are left
    EXPECT_THAT(fault, testing::ContainsRegex("(log|operations|kinds|traces)")) << fault;
  }
}

TEST_F(StorageSettingsTest, ReadsTheFilesystemDriver) {
  const StorageSettings settings = read("store:\n  driver: filesystem\n  filesystem:\n    root: /tmp/x\n");
  EXPECT_THAT(faults, testing::IsEmpty());
  EXPECT_EQ(settings.store.driver, StoreDriver::kFilesystem);
  EXPECT_EQ(settings.store.filesystem_root, "/tmp/x");
}

struct BadSetting {
  std::string name;
  std::string yaml;
  std::string key;
};

class BadStorageSettings : public StorageSettingsTest, public testing::WithParamInterface<BadSetting> {};

TEST_P(BadStorageSettings, IsAFaultThatNamesTheKey) {
  read(GetParam().yaml);
  ASSERT_EQ(faults.size(), 1U) << GetParam().yaml;
  EXPECT_THAT(faults.front(), testing::HasSubstr(GetParam().key));
}

INSTANTIATE_TEST_SUITE_P(
    Each, BadStorageSettings,
    testing::Values(
        BadSetting{"Driver", "store:\n  driver: ftp\n", "driver"},
        BadSetting{"EndpointWithoutScheme", "store:\n  s3:\n    endpoint: minio:9000\n", "endpoint"},
        BadSetting{"EndpointWithPath", "store:\n  s3:\n    endpoint: http://minio/x\n", "endpoint"},
        BadSetting{"EndpointWithUser", "store:\n  s3:\n    endpoint: http://a:b@minio\n", "endpoint"},
        BadSetting{"BucketInUpperCase", "store:\n  s3:\n    bucket: Comporta\n", "bucket"},
        BadSetting{"BucketTooShort", "store:\n  s3:\n    bucket: ab\n", "bucket"},
        BadSetting{"NoRoot", "store:\n  filesystem:\n    root: ''\n", "root"},
        BadSetting{"TooManyPuts", "store:\n  puts_in_flight: 65\n", "puts_in_flight"},
        BadSetting{"PutsBeyondPrefetch", "consume:\n  prefetch: 4\n", "puts_in_flight"},
        BadSetting{"RetryBackwards", "store:\n  retry_first: 5s\n  retry_limit: 1s\n", "retry_limit"},
        BadSetting{"NoUnit", "store:\n  retry_first: 5\n", "retry_first"},
        BadSetting{"UnknownKey", "store:\n  s3:\n    tls: true\n", "tls"}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace comporta
