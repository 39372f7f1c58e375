#include "services/cache/reactions/schedule.h"

#include <gtest/gtest.h>

namespace comporta {
namespace {

using namespace std::chrono_literals;

TEST(PauseBehind, GrowsThreefold) {
  EXPECT_EQ(pause_behind(1, 3s, 0.5), 3s);
  EXPECT_EQ(pause_behind(2, 3s, 0.5), 9s);
  EXPECT_EQ(pause_behind(7, 3s, 0.5), 2187s);
}

TEST(PauseBehind, IsAQuarterMoreOrLess) {
  EXPECT_EQ(pause_behind(1, 4s, 0), 3s);
  EXPECT_EQ(pause_behind(1, 4s, 1), 5s);
}

TEST(PauseBehind, IsAboutAnHourInAllForEightTries) {
  std::chrono::milliseconds sum{0};
  for (int tries = 1; tries < 8; ++tries) sum += pause_behind(tries, 3s, 0.5);
  EXPECT_GT(sum, 50min);
  EXPECT_LT(sum, 70min);
}

TEST(PauseBehind, IsAnHourAtMost) {
  EXPECT_EQ(pause_behind(1'000'000, 3s, 0.5), 1h);
}

}  // namespace
}  // namespace comporta
