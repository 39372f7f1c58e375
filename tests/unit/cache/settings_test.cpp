#include "services/cache/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "common/config/settings.h"

namespace comporta {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CacheSettingsTest : public ::testing::Test {
 protected:
  ~CacheSettingsTest() override { std::filesystem::remove(file); }

  CacheSettings read(const std::string& yaml) {
    std::ofstream(file) << yaml;
    return read_file(file);
  }

  CacheSettings read_file(const std::filesystem::path& path) {
    Settings settings(path);
    const CacheSettings result = read_cache_settings(settings.root());
    faults = settings.faults();
    return result;
  }

  std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("cache_settings_" + std::to_string(::getpid()) + ".yaml");
  std::vector<std::string> faults;
};

TEST_F(CacheSettingsTest, AnEmptyFileMeansTheDefaults) {
  const CacheSettings settings = read("{}\n");
  EXPECT_THAT(faults, IsEmpty());
  EXPECT_EQ(settings.http.port, 8083);
  EXPECT_EQ(settings.consume.queue, "comporta.cache");
  EXPECT_EQ(settings.consume.prefetch, 64);
  EXPECT_EQ(settings.redis.server.timeout, std::chrono::milliseconds(500));
  EXPECT_EQ(settings.redis.applied_batches, 100'000U);
  EXPECT_EQ(settings.redis.upload_mark_ttl, std::chrono::hours(24));
}

TEST_F(CacheSettingsTest, ReadsWhatIsThere) {
  const CacheSettings settings = read(
      "broker: {prefix: other}\n"
      "consume: {prefetch: 8, drain_limit: 1s}\n"
      "redis: {host: r, port: 7000, user: u, password: p, timeout: 1s, prefix: x, applied_batches: 1000,\n"
      "        upload_mark_ttl: 1h}\n");
  EXPECT_THAT(faults, IsEmpty());
  EXPECT_EQ(settings.consume.queue, "other.cache");
  EXPECT_EQ(settings.consume.prefetch, 8);
  EXPECT_EQ(settings.redis.server.host, "r");
  EXPECT_EQ(settings.redis.server.port, 7'000);
  EXPECT_EQ(settings.redis.server.user, "u");
  EXPECT_EQ(settings.redis.server.password, "p");
  EXPECT_EQ(settings.redis.prefix, "x");
  EXPECT_EQ(settings.redis.applied_batches, 1'000U);
  EXPECT_EQ(settings.redis.upload_mark_ttl, std::chrono::hours(1));
}

TEST_F(CacheSettingsTest, ReportsEveryFaultAtOnce) {
  read(
      "consume: {prefetch: 0}\n"
      "redis:\n"
      "  user: u\n"
      "  timeout: 2s\n"
      "  prefix: ''\n"
      "  applied_batches: 999\n"
      "  upload_mark_ttl: 24\n"
      "  colour: red\n");
  EXPECT_THAT(faults, ElementsAre(HasSubstr(":1: consume.prefetch"), HasSubstr(":3: redis.user"),
                                  HasSubstr(":4: redis.timeout"), HasSubstr(":5: redis.prefix"),
                                  HasSubstr(":6: redis.applied_batches"),
                                  HasSubstr(":7: redis.upload_mark_ttl"), HasSubstr(":8: redis.colour")));
}

TEST_F(CacheSettingsTest, TheShippedFileSaysTheDefaults) {
  const std::filesystem::path shipped =
      std::filesystem::path(COMPORTA_SOURCE_DIR) / "deploy/config/cache.yaml";
  const CacheSettings settings = read_file(shipped);
  // log, operations and kinds are every daemon's, and read elsewhere.
  for (const std::string& fault : faults)
    EXPECT_THAT(fault, ::testing::ContainsRegex(": (log|operations|kinds)"));
  const CacheSettings defaults = read("{}\n");
  EXPECT_EQ(settings.http.port, defaults.http.port);
  EXPECT_EQ(settings.consume.prefetch, defaults.consume.prefetch);
  EXPECT_EQ(settings.redis.server.timeout, defaults.redis.server.timeout);
  EXPECT_EQ(settings.redis.prefix, defaults.redis.prefix);
  EXPECT_EQ(settings.redis.applied_batches, defaults.redis.applied_batches);
  EXPECT_EQ(settings.redis.upload_mark_ttl, defaults.redis.upload_mark_ttl);
}

}  // namespace
}  // namespace comporta
