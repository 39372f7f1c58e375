#include "services/cache/sessions/throttle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/cache/memory_people_store.h"

namespace comporta {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class ThrottleTest : public ::testing::Test {
 protected:
  /// Fails until it has to wait, at most `most` times; says how often it failed.
  int fail(const Throttle::Try& one, int most) {
    for (int i = 0; i < most; ++i)
      if (throttle.admit(one)) return i;
    return most;
  }

  MemoryPeopleStore store;
  Throttle throttle{store, std::string(32, 's'), TestTime::now};
  Throttle::Try ana = throttle.of("client", "ana@example.com", "10.0.0.1");
};

TEST(ThrottleWaits, DoubleFromTheFifthFailureOn) {
  EXPECT_EQ(wait_after(0), seconds(0));
  EXPECT_EQ(wait_after(4), seconds(0));
  EXPECT_EQ(wait_after(5), seconds(1));
  EXPECT_EQ(wait_after(6), seconds(2));
  EXPECT_EQ(wait_after(13), seconds(256));
  EXPECT_EQ(wait_after(14), minutes(5));
  EXPECT_EQ(wait_after(1'000'000'000), minutes(5));
}

TEST_F(ThrottleTest, AfterFiveFailuresTheNextTryWaits) {
  EXPECT_EQ(fail(ana, 10), 5);
  EXPECT_EQ(throttle.admit(ana), seconds(1));
  EXPECT_EQ(throttle.admit(ana), seconds(1)) << "a try that is not looked at costs nothing";
  TestTime::pass(milliseconds(999));
  EXPECT_EQ(throttle.admit(ana), milliseconds(1));
  TestTime::pass(milliseconds(1));
  EXPECT_EQ(throttle.admit(ana), std::nullopt);
  EXPECT_EQ(throttle.admit(ana), seconds(2));
}

TEST_F(ThrottleTest, WhoGotItRightBeginsAnew) {
  EXPECT_EQ(fail(ana, 4), 4);
  EXPECT_EQ(throttle.admit(ana), std::nullopt);
  throttle.forgive(ana);
  EXPECT_EQ(fail(ana, 10), 5);
}

TEST_F(ThrottleTest, NobodyIsHeldUpByWhatComesFromElsewhere) {
  EXPECT_EQ(fail(ana, 10), 5);
  EXPECT_EQ(throttle.admit(throttle.of("client", "ana@example.com", "10.0.0.2")), std::nullopt);
  EXPECT_EQ(throttle.admit(throttle.of("client", "bia@example.com", "10.0.0.1")), std::nullopt);
  EXPECT_EQ(throttle.admit(throttle.of("reseller", "ana@example.com", "10.0.0.1")), std::nullopt);
}

TEST_F(ThrottleTest, AnAddressHasALimitOfItsOwn) {
  for (int i = 0; i < kFailuresOfAddress; ++i)
    ASSERT_EQ(throttle.admit(throttle.of("client", std::to_string(i), "10.0.0.1")), std::nullopt) << i;
  TestTime::pass(minutes(1));
  EXPECT_EQ(throttle.admit(ana), minutes(4));
  EXPECT_EQ(throttle.admit(throttle.of("client", "ana@example.com", "10.0.0.2")), std::nullopt);
  TestTime::pass(minutes(4));
  EXPECT_EQ(throttle.admit(ana), std::nullopt);
}

TEST_F(ThrottleTest, ThoseWhoGetItRightDoNotCountAgainstTheirAddress) {
  for (int i = 0; i < 3 * kFailuresOfAddress; ++i) {
    const auto one = throttle.of("client", std::to_string(i % 7), "10.0.0.1");
    ASSERT_EQ(throttle.admit(one), std::nullopt) << i;
    throttle.forgive(one);
  }
}

TEST_F(ThrottleTest, AnHourLaterAPairIsForgotten) {
  EXPECT_EQ(fail(ana, 10), 5);
  TestTime::pass(kPairForgotten);
  EXPECT_EQ(fail(ana, 10), 5);
}

TEST_F(ThrottleTest, CountsOnceAfterARace) {
  store.races = true;
  EXPECT_EQ(throttle.admit(ana), std::nullopt);
  EXPECT_EQ(fail(ana, 10), 4);
}

TEST_F(ThrottleTest, KeepsNoNamesAndNothingThatTellsThemWithoutTheSecret) {
  fail(ana, 10);
  EXPECT_THAT(store.all_notes(), ::testing::Not(::testing::HasSubstr("ana")));
  EXPECT_THAT(store.all_notes(), ::testing::Not(::testing::HasSubstr("10.0.0")));
  const Throttle other(store, std::string(32, 't'), TestTime::now);
  EXPECT_NE(other.of("client", "ana@example.com", "10.0.0.1").pair, ana.pair);
}

}  // namespace
}  // namespace comporta
