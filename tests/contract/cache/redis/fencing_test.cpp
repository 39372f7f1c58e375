// A daemon that was away writes late: what another has applied meanwhile stays, and nothing is applied twice.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/cache/redis/note_store.h"

namespace comporta {
namespace {

using ::testing::ElementsAre;

constexpr char kKind[] = "commutative";
constexpr int kWaiting = 40;  // more than are woken at once

std::string note(const std::string& key, int say, const std::string& needs = "") {
  return R"({"id":")" + key + R"(","say":)" + std::to_string(say) +
         (needs.empty() ? "" : R"(,"needs":")" + needs + '"') + "}";
}

class Fencing : public ::testing::Test {
 protected:
  SampleBatch batch(const std::string& records) const {
    return {.parts = {{.records = records, .received = rfc3339(WallClock::now())}}};
  }
  Group group(const SampleBatch& one, const std::string& kind = kKind) const {
    return sample_group(notes_.kind(kind), {one});
  }
  std::string sum() { return notes_.ask(kKind, "sum", R"({"group":"w"})"); }

  NoteStore notes_;
  RedisStore another_ = notes_.another_store();
};

TEST_F(Fencing, WhatAnotherHasAppliedBetweenLookingUpAndWritingIsNotWrittenOver) {
  const SampleBatch first = batch(note("x-1", 1)), late = batch(note("w-1", 5));
  const Group next = group(late);
  notes_.store().apply_while(group(first), [&] { return &next; });
  EXPECT_THAT(another_.apply(next), ElementsAre(PartOutcome::kApplied));
  EXPECT_THAT(another_.apply(group(batch(note("w-1", 7)))), ElementsAre(PartOutcome::kApplied));
  EXPECT_THAT(notes_.store().apply(next), ElementsAre(PartOutcome::kRepeated));
  EXPECT_EQ(sum(), R"({"sum":7})");
}

TEST_F(Fencing, WhomAnotherHasWokenIsNotWokenAgain) {
  for (int i = 0; i < kWaiting; ++i) notes_.apply(kKind, {batch(note("w-" + std::to_string(i), 1, "tag/t"))});
  notes_.apply("tag", {batch(R"({"id":"t"})")});
  ASSERT_TRUE(notes_.store().has_more());
  const Group first = group(batch(note("x-1", 1))), next = group(batch(note("x-2", 1)));
  notes_.store().apply_while(first, [&] { return &next; });
  while (another_.go_on(), another_.has_more()) continue;
  EXPECT_THAT(notes_.store().apply(next), ElementsAre(PartOutcome::kApplied));
  notes_.wake_all();
  EXPECT_EQ(sum(), R"({"sum":)" + std::to_string(kWaiting) + "}");
}

TEST_F(Fencing, TwoThatWakeByTurnsWakeEachOnce) {
  for (int i = 0; i < kWaiting; ++i) notes_.apply(kKind, {batch(note("w-" + std::to_string(i), 1, "tag/t"))});
  notes_.apply("tag", {batch(R"({"id":"t"})")});
  for (int turn = 0; turn < kWaiting; ++turn) (turn % 2 == 0 ? another_ : notes_.store()).go_on();
  EXPECT_FALSE(notes_.store().has_more());
  EXPECT_EQ(sum(), R"({"sum":)" + std::to_string(kWaiting) + "}");
}

TEST_F(Fencing, NobodyIsWokenWhileAReplayTakesOver) {
  for (int i = 0; i < kWaiting; ++i) notes_.apply(kKind, {batch(note("w-" + std::to_string(i), 1, "tag/t"))});
  notes_.apply("tag", {batch(R"({"id":"t"})")});
  const std::string before = sum();
  notes_.redis().ask({"SET", notes_.redis().prefix() + ":hold", "replay"});
  notes_.store().go_on();
  EXPECT_FALSE(notes_.store().has_more());
  EXPECT_EQ(sum(), before);
  notes_.redis().ask({"DEL", notes_.redis().prefix() + ":hold"});
  while (notes_.store().go_on(), notes_.store().has_more()) continue;
  EXPECT_EQ(sum(), R"({"sum":)" + std::to_string(kWaiting) + "}");
}

}  // namespace
}  // namespace comporta
