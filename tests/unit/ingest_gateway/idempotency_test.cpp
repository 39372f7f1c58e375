#include "services/ingest-gateway/idempotency.h"

#include <gtest/gtest.h>

namespace comporta::gateway {
namespace {

using Verdict = IdempotencyMemory::Verdict;

TEST(IdempotencyMemory, TellsARepeatFromAClash) {
  IdempotencyMemory memory(10);
  EXPECT_EQ(memory.ask("k", "d1").verdict, Verdict::kNew);
  EXPECT_EQ(memory.ask("k", "d1").verdict, Verdict::kNew) << "not confirmed: it may be lost, publish again";
  EXPECT_EQ(memory.ask("k", "d2").verdict, Verdict::kConflict);
  memory.confirmed("k", "d1", "receipt");
  const auto repeat = memory.ask("k", "d1");
  EXPECT_EQ(repeat.verdict, Verdict::kConfirmed);
  EXPECT_EQ(repeat.receipt, "receipt");
  EXPECT_EQ(memory.ask("k", "d2").verdict, Verdict::kConflict);
}

TEST(IdempotencyMemory, ForgetsTheLongestUnused) {
  IdempotencyMemory memory(2);
  memory.ask("a", "1");
  memory.ask("b", "1");
  memory.ask("a", "1");
  memory.ask("c", "1");
  EXPECT_EQ(memory.ask("a", "2").verdict, Verdict::kConflict);
  EXPECT_EQ(memory.ask("b", "2").verdict, Verdict::kNew);
}

TEST(IdempotencyMemory, AConfirmThatComesWhenItsKeyHasAnotherBodyIsNotForThat) {
  IdempotencyMemory memory(1);
  memory.ask("k", "d1");
  memory.ask("other", "d");  // the first is forgotten while it is on its way
  memory.ask("k", "d2");
  memory.confirmed("k", "d1", "receipt of the first");
  EXPECT_EQ(memory.ask("k", "d2").verdict, Verdict::kNew) << "nobody has confirmed the second";
}

}  // namespace
}  // namespace comporta::gateway
