#include "common/base/time_zone.h"

#include <gtest/gtest.h>

#include <chrono>

namespace comporta {
namespace {

TEST(TimeZone, HasItsHistory) {
  const auto zone = find_time_zone("America/Sao_Paulo");
  ASSERT_TRUE(zone.has_value());
  EXPECT_EQ(zone->name, "America/Sao_Paulo");
  EXPECT_EQ(zone->first_offset, -11'188) << "local mean time";
  ASSERT_GT(zone->changes.size(), 50u);
  EXPECT_EQ(zone->changes[0].at, -1'767'214'412) << "1914-01-01";
  EXPECT_EQ(zone->changes[0].offset, -3 * 3'600);
}

TEST(TimeZone, ForeseesChangesUntilTheCalendarRepeats) {
  const auto zone = find_time_zone("America/New_York");
  ASSERT_TRUE(zone.has_value());
  EXPECT_GT(zone->changes.back().at, kChangesUntil - 100 * 86'400);
  EXPECT_LT(zone->changes.back().at, kChangesUntil);
  EXPECT_EQ(kChangesUntil, std::chrono::sys_seconds(std::chrono::sys_days(std::chrono::year(2438) / 1 / 1))
                               .time_since_epoch()
                               .count());
}

TEST(TimeZone, ChangesAreInTheirOrderAndEachIsOne) {
  for (const char* name : {"America/Sao_Paulo", "Pacific/Apia", "Africa/Casablanca", "Europe/London"}) {
    const auto zone = find_time_zone(name);
    ASSERT_TRUE(zone.has_value()) << name;
    OffsetChange last{INT64_MIN, zone->first_offset};
    for (const OffsetChange& change : zone->changes) {
      EXPECT_GT(change.at, last.at) << name;
      EXPECT_NE(change.offset, last.offset) << name;
      last = change;
    }
  }
}

TEST(TimeZone, UtcHasNone) {
  const auto zone = find_time_zone("UTC");
  ASSERT_TRUE(zone.has_value());
  EXPECT_EQ(zone->first_offset, 0);
  EXPECT_TRUE(zone->changes.empty());
}

TEST(TimeZone, OtherNamesAreNone) {
  for (const char* name :
       {"", "Brazil", "America/Nowhere", "america/sao_paulo!", "localtime", "../UTC",
        "/usr/share/zoneinfo/UTC", "Fixed/UTC+03:00:00", "right/UTC", "libc:localtime", "zone.tab", "-03:00"})
    EXPECT_FALSE(find_time_zone(name).has_value()) << name;
}

}  // namespace
}  // namespace comporta
