#include "services/cache/apply/applied_marks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/cache/sample_batches.h"

namespace comporta {
namespace {

using ::testing::ElementsAre;
using enum PartOutcome;

class AppliedMarks : public ::testing::Test {
 protected:
  /// `digests` and `failures`: what is remembered of each part.
  Decision decide_for(const std::vector<SampleBatch>& batches, std::vector<bool> applied,
                      std::vector<std::string> digests, std::vector<std::string> failures = {}) {
    group = sample_group(kind, batches);
    failures.resize(digests.size());
    return decide(group, {std::move(applied), std::move(digests), std::move(failures)});
  }

  Kind kind = sample_kind();
  Group group;
};

TEST_F(AppliedMarks, AppliesWhatIsNew) {
  const auto decision = decide_for({{.parts = {{}, {.digest = kDigestA}}}}, {false}, {"", ""});
  EXPECT_THAT(decision.parts, ElementsAre(kApplied, kApplied));
  EXPECT_THAT(decision.new_batches, ElementsAre(0U));
}

TEST_F(AppliedMarks, ABatchAppliedBeforeIsARepeat) {
  const auto decision =
      decide_for({{.parts = {{}, {.digest = kDigestA}}}, {.parts = {{}}}}, {true, false}, {"", kDigestA, ""});
  EXPECT_THAT(decision.parts, ElementsAre(kRepeated, kRepeated, kApplied));
  EXPECT_THAT(decision.new_batches, ElementsAre(1U));
}

TEST_F(AppliedMarks, AKeyedPartOutlivesItsMarkOnlyAsARepeat) {
  EXPECT_THAT(decide_for({{.parts = {{.digest = kDigestA}}}}, {true}, {""}).parts, ElementsAre(kRepeated));
}

TEST_F(AppliedMarks, AKeyedPartInAnotherBatchIsARepeatAndTheBatchIsRemembered) {
  const auto decision = decide_for({{.parts = {{.digest = kDigestA}, {}}}}, {false}, {kDigestA, ""});
  EXPECT_THAT(decision.parts, ElementsAre(kRepeated, kApplied));
  EXPECT_THAT(decision.new_batches, ElementsAre(0U));
  const BatchCounts counts = count_applied(group, group.batches[0], decision);
  EXPECT_EQ(counts.parts, 1U);
  EXPECT_EQ(counts.records, 1U);
}

TEST_F(AppliedMarks, AnotherDigestIsAConflictAlsoWhenItsBatchComesAgain) {
  EXPECT_THAT(decide_for({{.parts = {{.digest = kDigestB}}}}, {false}, {kDigestA}).parts,
              ElementsAre(kConflict));
  EXPECT_THAT(decide_for({{.parts = {{.digest = kDigestB}}}}, {true}, {kDigestA}).parts,
              ElementsAre(kConflict));
}

TEST_F(AppliedMarks, TheSameBatchTwiceInAGroupIsAppliedOnce) {
  const SampleBatch batch{.parts = {{}}};
  const auto decision = decide_for({batch, batch}, {false, false}, {"", ""});
  EXPECT_THAT(decision.parts, ElementsAre(kApplied, kRepeated));
  EXPECT_THAT(decision.new_batches, ElementsAre(0U));
}

TEST_F(AppliedMarks, TheSameKeyedPartTwiceInAGroupIsAppliedOnce) {
  const SamplePart part{.digest = kDigestA};
  SamplePart next = part;
  next.part = 2;
  SamplePart other = part;
  other.digest = kDigestB;
  const auto decision =
      decide_for({{.parts = {part, next}}, {.parts = {part, other}}}, {false, false}, {"", "", "", ""});
  EXPECT_THAT(decision.parts, ElementsAre(kApplied, kApplied, kRepeated, kConflict));
  EXPECT_THAT(decision.new_batches, ElementsAre(0U, 1U));
}

TEST_F(AppliedMarks, PartsWithoutADigestAreNotComparedAcrossBatches) {
  const SamplePart part;
  EXPECT_THAT(decide_for({{.parts = {part}}, {.parts = {part}}}, {false, false}, {"", ""}).parts,
              ElementsAre(kApplied, kApplied));
}

TEST_F(AppliedMarks, WhatHasFailedOnceStaysFailed) {
  const auto decision =
      decide_for({{.parts = {{}, {.digest = kDigestA}, {}}}}, {true}, {"", "", ""}, {"", "why", ""});
  EXPECT_THAT(decision.parts, ElementsAre(kRepeated, PartResult(kFailed, "why"), kRepeated));
  EXPECT_THAT(decision.new_batches, ::testing::IsEmpty());
}

}  // namespace
}  // namespace comporta
