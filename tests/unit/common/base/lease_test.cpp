#include "common/base/lease.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace comporta {
namespace {

TEST(Lease, IsCountedAsItGrowsAndShrinksAndEnds) {
  Budget budget(10);
  {
    Lease lease(budget);
    EXPECT_TRUE(lease.try_hold(4));
    EXPECT_TRUE(lease.try_hold(10));
    EXPECT_EQ(budget.held, 10U);
    EXPECT_TRUE(lease.try_hold(3));
    EXPECT_EQ(budget.held, 3U);
  }
  EXPECT_EQ(budget.held, 0U);
}

TEST(Lease, GrowsNoFurtherThanTheLimitAndStaysAsItWas) {
  Budget budget(10);
  Lease first(budget);
  Lease second(budget);
  EXPECT_TRUE(first.try_hold(6));
  EXPECT_FALSE(second.try_hold(5));
  EXPECT_EQ(budget.held, 6U);
  EXPECT_TRUE(second.try_hold(4));
  EXPECT_FALSE(budget.is_over());
  second.hold(5);
  EXPECT_TRUE(budget.is_over());
  EXPECT_TRUE(second.try_hold(5)) << "it is no more than before";
}

TEST(Lease, IsGivenBackOnceHoweverItWanders) {
  Budget budget(10);
  Lease kept;
  {
    Lease lease(budget);
    ASSERT_TRUE(lease.try_hold(7));
    kept = std::move(lease);
  }
  EXPECT_EQ(budget.held, 7U);
  {
    const Lease last(std::move(kept));
    EXPECT_EQ(budget.held, 7U);
  }
  EXPECT_EQ(budget.held, 0U);
  kept = Lease();
  EXPECT_EQ(budget.held, 0U) << "who has handed it on has nothing to give back";
}

TEST(Lease, OfManyThreadsNeverGoBeyondTheLimit) {
  Budget budget(3);
  std::atomic<bool> over{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 10'000; ++round) {
        Lease lease(budget);
        if (lease.try_hold(2) && budget.is_over()) over = true;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_FALSE(over);
  EXPECT_EQ(budget.held, 0U);
}

}  // namespace
}  // namespace comporta
