// Which day a moment is on in a kind's time zone, and that no time breaks a view.

#include <gtest/gtest.h>

#include <map>

#include "tests/contract/cache/redis/asked_kinds.h"

namespace comporta {
namespace {

/// The kind of tests/data/good/calendar in another zone.
AskedKinds calendar_of(const std::string& zone) {
  return AskedKinds("tests/data/good/calendar", {"calendar", "", "time_zone: " + zone + "\n"});
}

struct Expected {
  std::string moments;
  std::string days;
};

std::map<std::string, Expected> expected_days() {
  std::map<std::string, Expected> zones;
  for (const test::Row& row : test::read_table(COMPORTA_SOURCE_DIR "/tests/data/days/days.tsv")) {
    Expected& zone = zones[row.at("zone")];
    zone.moments += (zone.moments.empty() ? "" : ",") + row.at("milliseconds");
    zone.days += (zone.days.empty() ? "" : ",") + ("\"" + row.at("day") + "\"");
  }
  return zones;
}

TEST(Days, AreThoseOfTheKindsTimeZoneWithItsHistory) {
  const auto zones = expected_days();
  ASSERT_GT(zones.size(), 10u);
  for (const auto& [zone, expected] : zones) {
    SCOPED_TRACE(zone);
    EXPECT_EQ(calendar_of(zone).ask("calendar", "days", R"({"moments":[)" + expected.moments + "]}"),
              R"({"days":[)" + expected.days + "]}");
  }
}

TEST(Days, ATimeThatCannotBeWrittenIsTheNearestThatCan) {
  AskedKinds calendar = calendar_of("Asia/Tokyo");
  EXPECT_EQ(calendar.ask("calendar", "times", R"({"moments":[-62135596800001,-1e15,253402300800000,1e300]})"),
            R"({"times":["0001-01-01T00:00:00.000Z","0001-01-01T00:00:00.000Z",)"
            R"("9999-12-31T23:59:59.999Z","9999-12-31T23:59:59.999Z"]})");
  EXPECT_EQ(calendar.ask("calendar", "days", R"({"moments":[-1e15,253402300799999,1e300]})"),
            R"({"days":["0001-01-01","9999-12-31","9999-12-31"]})");
}

// As they were counted of orders that no door would let in.
TEST(Days, ThatNoCalendarHasAreNotShown) {
  AskedKinds shop("kinds");
  const std::string start = shop.redis().prefix() + ":view:order:";
  for (const auto& [day, digits] : {std::pair{"10000-01-01", "100000101"},
                                    {"2062-05-04", "20620504"},
                                    {"2026-03-11", "20260311"},
                                    {"0000-12-31", "1231"},
                                    {"-001-12-31", "11231"}}) {
    shop.redis().ask({"ZADD", start + "sorted:days", digits, day});
    shop.redis().ask({"SET", start + "value:day-orders:" + day, "1"});
    shop.redis().ask({"SET", start + "value:day-cents:" + day, "150"});
  }
  EXPECT_EQ(shop.ask("order", "by-day", R"({"limit":10})"),
            R"({"days":[{"date":"2026-03-11","orders":1,"total":150},)"
            R"({"date":"2062-05-04","orders":1,"total":150}]})");
  EXPECT_EQ(shop.ask("order", "by-day", R"({"limit":1})"),
            R"({"days":[{"date":"2062-05-04","orders":1,"total":150}]})");
}

}  // namespace
}  // namespace comporta
