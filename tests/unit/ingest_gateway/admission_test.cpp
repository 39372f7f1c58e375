#include "services/ingest-gateway/admission.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace comporta::gateway {
namespace {

constexpr int kAsked = 2'560;
const std::string kQueue = "storage";

std::vector<bool> ask(Admission& admission) {
  std::vector<bool> answers;
  for (int i = 0; i < kAsked; ++i) answers.push_back(admission.let_in());
  return answers;
}

/// Of kAsked.
int count_let_in(Admission& admission) {
  int count = 0;
  for (const bool let_in : ask(admission)) count += let_in ? 1 : 0;
  return count;
}

int let_in_at(std::uint64_t depth, std::uint64_t limit = 1'000) {
  Admission admission({.messages = limit});
  admission.set_depth(kQueue, depth);
  return count_let_in(admission);
}

TEST(AdmissionTest, LetsInAllUpToHalfOfTheLimitAndNoneFromTheLimitOn) {
  for (const std::uint64_t depth : {0, 1, 499, 500}) EXPECT_EQ(let_in_at(depth), kAsked) << depth;
  EXPECT_EQ(let_in_at(1'000), 0);
  EXPECT_EQ(let_in_at(std::numeric_limits<std::uint64_t>::max()), 0);
}

TEST(AdmissionTest, InBetweenTheShareFallsWithTheDepth) {
  EXPECT_EQ(let_in_at(750), kAsked / 2);
  EXPECT_EQ(let_in_at(625), kAsked * 3 / 4);
  int last = kAsked;
  for (std::uint64_t depth = 500; depth <= 1'000; depth += 50) {
    EXPECT_LE(let_in_at(depth), last) << depth;
    last = let_in_at(depth);
  }
}

TEST(AdmissionTest, RefusalsAreSpreadEvenly) {
  Admission admission({.messages = 1'000});
  admission.set_depth(kQueue, 625);  // one in four
  int in_a_row = 0;
  for (const bool let_in : ask(admission)) {
    in_a_row = let_in ? in_a_row + 1 : 0;
    EXPECT_LE(in_a_row, 3);
  }
}

TEST(AdmissionTest, TheSmallestLimitLetsInWhileNothingWaits) {
  EXPECT_EQ(let_in_at(0, 1), kAsked);
  EXPECT_EQ(let_in_at(1, 1), 0);
}

TEST(AdmissionTest, TheDeepestQueueCounts) {
  for (const std::string queue : {"cache", "storage"}) {
    Admission admission({.messages = 10});
    admission.set_depth("cache", 0);
    admission.set_depth("storage", 0);
    EXPECT_TRUE(admission.let_in());
    admission.set_depth(queue, 10);
    EXPECT_FALSE(admission.let_in()) << queue;
  }
}

TEST(AdmissionTest, LetsInAllAgainWhenTheDepthHasFallen) {
  Admission admission({.messages = 10});
  admission.set_depth(kQueue, 10);
  EXPECT_FALSE(admission.let_in());
  admission.set_depth(kQueue, 5);
  EXPECT_TRUE(admission.let_in());
}

TEST(AdmissionTest, LargeMessagesAreMoreThanSmallOnes) {
  Admission admission({.bytes = 10'000});
  for (int i = 0; i < 100; ++i) admission.published(25);
  for (int i = 0; i < 10; ++i) admission.published(750);
  admission.set_depth(kQueue, 5);
  EXPECT_EQ(count_let_in(admission), kAsked);
  admission.set_depth(kQueue, 10);
  EXPECT_EQ(count_let_in(admission), kAsked / 2) << "7,500 bytes wait, those of the last ten";
  admission.set_depth(kQueue, 60);
  EXPECT_EQ(count_let_in(admission), kAsked / 4) << "the fifty before them are of 25 bytes";
  for (int i = 0; i < 5; ++i) admission.published(1'250);
  admission.set_depth(kQueue, 10);
  EXPECT_EQ(count_let_in(admission), 0);
}

TEST(AdmissionTest, MessagesOfAnotherOrOfBeforeTheStartAreTakenToBeLikeTheKnownOnes) {
  Admission admission({.bytes = 10'000});
  admission.set_depth(kQueue, 20);
  EXPECT_EQ(count_let_in(admission), kAsked) << "nothing is known of them";
  admission.published(250);
  admission.published(500);
  admission.set_depth(kQueue, 20);
  EXPECT_EQ(count_let_in(admission), kAsked / 2) << "20 times 375";
}

TEST(AdmissionTest, AnyNumberOfMessagesMayHaveBeenPublished) {
  Admission admission({.bytes = 10'000});
  for (int i = 0; i < 100'000; ++i) admission.published(i < 90'000 ? 1'000'000 : 1);
  admission.set_depth(kQueue, 7'500);
  EXPECT_EQ(count_let_in(admission), kAsked / 2);
}

}  // namespace
}  // namespace comporta::gateway
