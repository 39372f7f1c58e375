#include "services/cache/lookups/circuit.h"

#include <gtest/gtest.h>

namespace comporta {
namespace {

using namespace std::chrono_literals;

class CircuitTest : public ::testing::Test {
 protected:
  /// That many failures of those who were let through.
  void fail(int times) {
    for (int i = 0; i < times; ++i) {
      ASSERT_TRUE(circuit.try_begin(now));
      circuit.fail(now);
    }
  }

  Circuit circuit{30s};
  Circuit::Clock::time_point now{1h};
};

TEST_F(CircuitTest, OpensAtTheFifthFailureInARow) {
  fail(4);
  EXPECT_FALSE(circuit.is_open());
  EXPECT_TRUE(circuit.fail(now)) << "that was the one";
  EXPECT_TRUE(circuit.is_open());
  EXPECT_FALSE(circuit.try_begin(now));
  EXPECT_EQ(circuit.left(now), 30s);
}

TEST_F(CircuitTest, ASuccessInBetweenStartsTheCountAnew) {
  fail(4);
  EXPECT_FALSE(circuit.succeed()) << "it was not open";
  fail(4);
  EXPECT_FALSE(circuit.is_open());
}

TEST_F(CircuitTest, LetsOneTryWhenItsTimeIsOver) {
  fail(5);
  now += 30s - 1ms;
  EXPECT_FALSE(circuit.try_begin(now));
  now += 1ms;
  EXPECT_EQ(circuit.left(now), 0s);
  EXPECT_TRUE(circuit.try_begin(now));
  EXPECT_FALSE(circuit.try_begin(now)) << "one";
}

TEST_F(CircuitTest, ClosesByATryThatSucceeds) {
  fail(5);
  now += 30s;
  ASSERT_TRUE(circuit.try_begin(now));
  EXPECT_TRUE(circuit.succeed()) << "it was open";
  EXPECT_TRUE(circuit.try_begin(now));
  EXPECT_EQ(circuit.since(), Circuit::Clock::time_point(1h));
  fail(4);
  EXPECT_FALSE(circuit.is_open());
}

TEST_F(CircuitTest, OpensAgainByATryThatFails) {
  fail(5);
  now += 30s;
  ASSERT_TRUE(circuit.try_begin(now));
  EXPECT_FALSE(circuit.fail(now)) << "it has been open all the while";
  EXPECT_EQ(circuit.left(now), 30s);
  EXPECT_FALSE(circuit.try_begin(now + 30s - 1ms));
  EXPECT_TRUE(circuit.try_begin(now + 30s));
}

TEST_F(CircuitTest, ThoseWhoFailLatePutNothingOff) {
  fail(5);
  now += 20s;
  EXPECT_FALSE(circuit.fail(now)) << "asked before it opened";
  EXPECT_EQ(circuit.left(now), 10s);
}

}  // namespace
}  // namespace comporta
