#include "common/broker/ack_ledger.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace comporta {
namespace {

AckLedger ledger_of(std::uint64_t deliveries) {
  AckLedger ledger;
  for (std::uint64_t tag = 1; tag <= deliveries; ++tag) ledger.delivered(tag);
  return ledger;
}

TEST(AckLedger, NothingIsDueAtFirst) {
  AckLedger ledger = ledger_of(3);
  EXPECT_TRUE(ledger.due().empty());
}

TEST(AckLedger, ARunFromTheOldestIsOneAck) {
  AckLedger ledger = ledger_of(4);
  ledger.settled(2);
  ledger.settled(1);
  ledger.settled(3);
  EXPECT_EQ(ledger.due(), (std::vector<Ack>{{.tag = 3, .multiple = true, .count = 3}}));
  EXPECT_TRUE(ledger.due().empty());
}

TEST(AckLedger, ThoseBehindAnUnsettledOneAreSingle) {
  AckLedger ledger = ledger_of(5);
  for (const std::uint64_t tag : {5u, 1u, 3u}) ledger.settled(tag);
  EXPECT_EQ(ledger.due(), (std::vector<Ack>{{.tag = 1, .multiple = true, .count = 1},
                                            {.tag = 3, .multiple = false, .count = 1},
                                            {.tag = 5, .multiple = false, .count = 1}}));
  ledger.settled(2);
  ledger.settled(4);
  EXPECT_EQ(ledger.due(), (std::vector<Ack>{{.tag = 4, .multiple = true, .count = 2}}));
}

TEST(AckLedgerDeathTest, SettlingTwiceIsABugOfOurs) {
  AckLedger ledger = ledger_of(1);
  ledger.settled(1);
  EXPECT_DEATH(ledger.settled(1), "settled once");
}

TEST(AckLedgerDeathTest, ADeliveryThatItIsNotToldOfIsABugOfOurs) {
  AckLedger ledger = ledger_of(2);
  EXPECT_DEATH(ledger.delivered(4), "told of every delivery");
  EXPECT_DEATH(ledger.delivered(2), "told of every delivery");
  EXPECT_DEATH(AckLedger().delivered(2), "told of every delivery");
}

TEST(AckLedger, WhatIsNeverSettledIsNeverCoveredByAnother) {
  AckLedger ledger = ledger_of(3);
  ledger.settled(2);
  ledger.settled(3);
  EXPECT_EQ(ledger.due(), (std::vector<Ack>{{.tag = 2, .multiple = false, .count = 1},
                                            {.tag = 3, .multiple = false, .count = 1}}));
}

/// What a broker would do with the acks: true if none names a delivery that is not open any more.
bool acknowledge(std::set<std::uint64_t>& open, const Ack& ack) {
  if (open.count(ack.tag) == 0) return false;
  const auto begin = ack.multiple ? open.begin() : open.find(ack.tag);
  const auto end = open.upper_bound(ack.tag);
  const bool counted = static_cast<std::size_t>(std::distance(begin, end)) == ack.count;
  open.erase(begin, end);
  return counted;
}

TEST(AckLedger, InAnyOrderEachDeliveryIsAcknowledgedOnceAndNoneBeforeItIsSettled) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  AckLedger ledger;
  std::set<std::uint64_t> at_broker;
  std::vector<std::uint64_t> unsettled;
  std::uint64_t last = 0;
  for (int step = 0; step < 20'000; ++step) {
    if (unsettled.size() < 32 && random() % 2 == 0) {
      ledger.delivered(++last);
      at_broker.insert(last);
      unsettled.push_back(last);
    } else if (!unsettled.empty()) {
      std::swap(unsettled[random() % unsettled.size()], unsettled.back());
      ledger.settled(unsettled.back());
      unsettled.pop_back();
    }
    if (random() % 4 != 0) continue;
    for (const Ack& ack : ledger.due()) ASSERT_TRUE(acknowledge(at_broker, ack));
    ASSERT_EQ(at_broker, std::set<std::uint64_t>(unsettled.begin(), unsettled.end()));
  }
}

TEST(AckLedger, KnowsWhenTheFirstThatIsNotSettledWasPublished) {
  using namespace std::chrono_literals;
  const WallClock::time_point begin{1'000s};
  AckLedger ledger;
  EXPECT_FALSE(ledger.oldest());
  ledger.delivered(1, begin);
  ledger.delivered(2);
  ledger.delivered(3, begin + 5s);
  EXPECT_EQ(ledger.oldest(), begin);
  EXPECT_EQ(ledger.open(), 3U);
  ledger.settled(1);
  EXPECT_EQ(ledger.oldest(), begin + 5s) << "the second does not say";
  ledger.settled(3);
  EXPECT_FALSE(ledger.oldest());
  EXPECT_EQ(ledger.open(), 1U);
}

}  // namespace
}  // namespace comporta
