#include "common/broker/survived_returns.h"

#include <gtest/gtest.h>

namespace comporta {
namespace {

Delivery delivery(std::uint64_t tag, const std::string& id, std::uint64_t returns) {
  Delivery made;
  made.tag = tag;
  made.delivery_count = returns;
  made.message_id = id;
  return made;
}

TEST(SurvivedReturns, WhatNobodyHereHasHeldCountsInFull) {
  const SurvivedReturns returns;
  EXPECT_EQ(returns.crashes(delivery(1, "a", 7)), 7U);
}

TEST(SurvivedReturns, WhatWentBackFromOurHandsIsNoCrash) {
  SurvivedReturns returns;
  for (std::uint64_t count = 4; count < 9; ++count) {
    EXPECT_EQ(returns.crashes(delivery(1, "a", count)), 4U);
    returns.delivered(delivery(1, "a", count));
    returns.lost();
  }
  EXPECT_EQ(returns.crashes(delivery(1, "a", 12)), 7U) << "three of them were in other hands";
  EXPECT_EQ(returns.crashes(delivery(1, "b", 9)), 9U);
}

TEST(SurvivedReturns, WhatWasSettledDidNotGoBack) {
  SurvivedReturns returns;
  returns.delivered(delivery(1, "a", 0));
  returns.delivered(delivery(2, "b", 0));
  returns.settled(1);
  returns.lost();
  EXPECT_EQ(returns.crashes(delivery(1, "a", 1)), 1U);
  EXPECT_EQ(returns.crashes(delivery(1, "b", 1)), 0U);
}

TEST(SurvivedReturns, AMessageThatIsDoneWithIsForgotten) {
  SurvivedReturns returns;
  returns.delivered(delivery(1, "a", 0));
  returns.lost();
  returns.delivered(delivery(1, "a", 1));
  returns.settled(1);
  EXPECT_EQ(returns.crashes(delivery(2, "a", 1)), 1U) << "another one of the same id";
}

TEST(SurvivedReturns, ABrokerThatDoesNotCountIsNotCountedBelowZero) {
  SurvivedReturns returns;
  returns.delivered(delivery(1, "a", 0));
  returns.lost();
  EXPECT_EQ(returns.crashes(delivery(1, "a", 0)), 0U);
}

TEST(SurvivedReturns, MessagesWithoutAnIdAreNotTakenForOneAnother) {
  SurvivedReturns returns;
  returns.delivered(delivery(1, "", 0));
  returns.lost();
  EXPECT_EQ(returns.crashes(delivery(1, "", 5)), 5U);
}

TEST(SurvivedReturns, WhatItRemembersIsBounded) {
  SurvivedReturns returns;
  for (int i = 0; i < 30'000; ++i) {
    returns.delivered(delivery(1, "others-" + std::to_string(i), 0));
    returns.lost();
  }
  EXPECT_EQ(returns.crashes(delivery(1, "others-0", 1)), 1U);
  EXPECT_EQ(returns.crashes(delivery(1, "others-29999", 1)), 0U);
}

}  // namespace
}  // namespace comporta
