#include "services/cache/apply/projector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/cache/memory_view_store.h"
#include "tests/support/cache/sample_batches.h"
#include "tests/support/kept_spans.h"

namespace comporta {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const KindSet& kinds() {
  static const KindSet set = [] {
    std::vector<std::string> faults;
    KindSet loaded = KindSet::load(std::filesystem::path(COMPORTA_SOURCE_DIR) / "kinds", faults);
    EXPECT_THAT(faults, IsEmpty());
    return loaded;
  }();
  return set;
}

class ProjectorTest : public ::testing::Test {
 protected:
  /// Under the next tag.
  void take(const SampleBatch& batch, std::string_view more_lines = {}) {
    Delivery delivery;
    delivery.tag = ++last_tag;
    delivery.message_id = batch.id;
    delivery.type = "transaction";
    for (const SamplePart& part : batch.parts) delivery.body += part.line();
    delivery.body += more_lines;
    projector.take(std::move(delivery));
  }

  /// Works until nothing is left to settle.
  std::vector<Settlement> settle_all() {
    std::vector<Settlement> all;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (projector.unsettled() > 0 && std::chrono::steady_clock::now() < deadline)
      for (Settlement& settlement : projector.work(-1, milliseconds(10)))
        all.push_back(std::move(settlement));
    EXPECT_EQ(projector.unsettled(), 0U);
    return all;
  }

  static std::vector<std::uint64_t> tags(const std::vector<Settlement>& settlements) {
    std::vector<std::uint64_t> all;
    for (const Settlement& settlement : settlements) all.push_back(settlement.tag);
    return all;
  }

  MemoryViewStore store;
  Metrics metrics;
  test::KeptSpans spans;
  Projector projector{kinds(), store, metrics, {.messages = 4, .bytes = 100'000, .records = 10}, &spans};
  std::uint64_t last_tag = 0;
};

TEST_F(ProjectorTest, HasASpanForEachSampledPart) {
  const SamplePart sampled{.records = sample_record("a") + "," + sample_record("b"),
                           .traceparent = kSampledPart};
  const SampleBatch batch{.parts = {sampled, {.records = sample_record("c"), .traceparent = kUnsampledPart}}};
  take(batch);
  take(batch);
  projector.work(-1, milliseconds(0));
  const auto all = spans.all();
  ASSERT_THAT(all, SizeIs(2));
  for (const Span& span : all) {
    EXPECT_EQ(span.name, "apply");
    EXPECT_EQ(span.parent, "b7ad6b7169203331");
    EXPECT_EQ(test::attribute(span, "comporta.records"), "2");
    EXPECT_EQ(test::attribute(span, "comporta.upload"), sampled.upload);
    EXPECT_EQ(test::attribute(span, "messaging.message.id"), batch.id);
    EXPECT_LE(span.begin, span.end);
  }
  EXPECT_EQ(test::attribute(all[0], "comporta.outcome"), "applied");
  EXPECT_EQ(test::attribute(all[1], "comporta.outcome"), "repeated");
}

TEST_F(ProjectorTest, AppliesWhatIsWaitingInOneGroupAndSettlesInOrder) {
  take({.parts = {{.records = sample_record("a") + "," + sample_record("b")},
                  {.records = sample_record("c")}}});
  take({.parts = {{.records = sample_record("a", "Bia")}}});
  EXPECT_EQ(projector.unsettled(), 2U);
  const auto settled = projector.work(-1, milliseconds(0));
  EXPECT_THAT(tags(settled), ElementsAre(1U, 2U));
  EXPECT_EQ(store.apply_calls, 1);
  EXPECT_THAT(store.records, SizeIs(3));
  EXPECT_EQ(store.records["transaction:a"].value, R"({"cliente":"Bia"})");
  EXPECT_THAT(metrics.render(), HasSubstr("comporta_parts_applied_total 3"));
  EXPECT_THAT(metrics.render(), HasSubstr(R"(comporta_records_applied_total{kind="transaction"} 4)"));
  EXPECT_THAT(metrics.render(), HasSubstr("comporta_apply_group_messages_sum 2"));
}

TEST_F(ProjectorTest, AGroupIsBoundedByMessages) {
  for (int i = 0; i < 9; ++i) take({.parts = {{}}});
  EXPECT_THAT(projector.work(-1, milliseconds(0)), SizeIs(4));
  EXPECT_THAT(projector.work(-1, milliseconds(0)), SizeIs(4));
  EXPECT_THAT(projector.work(-1, milliseconds(0)), SizeIs(1));
}

TEST_F(ProjectorTest, AGroupIsBoundedByRecordsAndBytes) {
  std::string ten = sample_record("k");
  for (int i = 1; i < 10; ++i) ten += "," + sample_record("k");
  for (int i = 0; i < 2; ++i) take({.parts = {{.records = ten}}});
  EXPECT_THAT(projector.work(-1, milliseconds(0)), SizeIs(1)) << "ten records are enough";
  EXPECT_THAT(projector.work(-1, milliseconds(0)), SizeIs(1));
  for (int i = 0; i < 3; ++i) take({.parts = {{.records = sample_record("k", std::string(40'000, 'x'))}}});
  EXPECT_THAT(projector.work(-1, milliseconds(0)), SizeIs(2)) << "a third would pass the bytes";
  take({.parts = {{.records = sample_record("k", std::string(200'000, 'x'))}}});
  EXPECT_THAT(projector.work(-1, milliseconds(0)), SizeIs(1));
  EXPECT_THAT(projector.work(-1, milliseconds(0)), SizeIs(1)) << "one message is always taken";
}

TEST_F(ProjectorTest, ARepeatChangesNothingAndIsSettled) {
  const SampleBatch batch{.parts = {{}}};
  const SampleBatch keyed{.parts = {{.digest = kDigestA}}};
  SampleBatch again = keyed;
  again.id = new_uuid_v7();
  take(batch);
  take(keyed);
  take(batch);
  take(again);
  EXPECT_THAT(tags(settle_all()), ElementsAre(1U, 2U, 3U, 4U));
  store.records["transaction:k1"].value = "touched by nobody";
  take(batch);
  take(again);
  EXPECT_THAT(tags(settle_all()), ElementsAre(5U, 6U));
  EXPECT_EQ(store.records["transaction:k1"].value, "touched by nobody");
  EXPECT_THAT(metrics.render(), HasSubstr("comporta_parts_applied_total 2"));
  EXPECT_THAT(metrics.render(), HasSubstr("comporta_parts_repeated_total 4"));
}

TEST_F(ProjectorTest, AMalformedLineIsParkedAloneWithItsReason) {
  const SampleBatch batch{.parts = {{.records = sample_record("a")}}};
  const SamplePart last{.records = sample_record("b")};
  take(batch, "{broken\n" + last.line() + "\n" + SamplePart{.records = "{}"}.line());
  const auto settled = settle_all();
  ASSERT_THAT(settled, SizeIs(1));
  ASSERT_THAT(settled[0].parked, SizeIs(3));
  EXPECT_EQ(settled[0].parked[0].body, "{broken");
  EXPECT_EQ(settled[0].parked[0].message_id, batch.id);
  EXPECT_EQ(settled[0].parked[0].type, "transaction");
  EXPECT_EQ(settled[0].parked[0].reason, "malformed part: not well-formed JSON at byte 1");
  EXPECT_EQ(settled[0].parked[1].body, "") << "an empty line";
  EXPECT_EQ(settled[0].parked[2].reason, "malformed part: record 0 has no key");
  EXPECT_TRUE(store.records.contains("transaction:a"));
  EXPECT_TRUE(store.records.contains("transaction:b"));
  EXPECT_EQ(store.applied.at(batch.id).parts, 2U);
}

TEST_F(ProjectorTest, ABodyWithoutItsLastLineBreakIsRead) {
  const std::string line = SamplePart{.records = sample_record("end")}.line();
  take({}, std::string_view(line).substr(0, line.size() - 1));
  EXPECT_THAT(settle_all()[0].parked, IsEmpty());
  EXPECT_TRUE(store.records.contains("transaction:end"));
}

TEST_F(ProjectorTest, ABatchWithNoUsablePartIsRememberedAndSettled) {
  const SampleBatch batch;
  take(batch, "{broken\n");
  take({.parts = {{}}});
  const auto settled = settle_all();
  ASSERT_THAT(settled, SizeIs(2));
  EXPECT_THAT(settled[0].parked, SizeIs(1));
  EXPECT_THAT(settled[1].parked, IsEmpty());
  EXPECT_EQ(store.applied.at(batch.id).parts, 0U);
}

TEST_F(ProjectorTest, PartsOfAnUnknownKindAreParked) {
  const SampleBatch batch{.parts = {{}, {}}};
  Delivery delivery;
  delivery.tag = 7;
  delivery.message_id = batch.id;
  delivery.type = "nobody-knows";
  delivery.body = batch.parts[0].line() + batch.parts[1].line();
  projector.take(delivery);
  const auto settled = settle_all();
  ASSERT_THAT(settled[0].parked, SizeIs(2));
  EXPECT_EQ(settled[0].parked[1].reason, "unknown kind");
  EXPECT_EQ(settled[0].parked[1].body + "\n", batch.parts[1].line());
  EXPECT_THAT(store.records, IsEmpty());
}

TEST_F(ProjectorTest, AMessageWithAForeignIdOrNothingInItIsParkedWhole) {
  const SampleBatch nothing;
  take({.id = "not one of ours", .parts = {{}, {}}});
  take(nothing);
  take({.parts = {{}}});
  const auto settled = settle_all();
  for (const std::size_t i : {0, 1}) ASSERT_THAT(settled[i].parked, SizeIs(1));
  EXPECT_EQ(settled[0].parked[0].reason, "the message id is not a UUIDv7");
  EXPECT_EQ(settled[1].parked[0].reason, "the message is empty");
  EXPECT_TRUE(settled[0].parked[0].is_whole && settled[1].parked[0].is_whole);
  EXPECT_FALSE(store.applied.contains(nothing.id)) << "so that it may come back under its own id";
  EXPECT_THAT(settled[2].parked, IsEmpty());
  EXPECT_THAT(store.records, SizeIs(1));
}

TEST_F(ProjectorTest, WhatIsParkedOfABatchIsRememberedWithIt) {
  const SampleBatch batch{.parts = {{}, {.records = R"({"nobody":1})"}}};
  take(batch);
  settle_all();
  const auto& parked = store.applied.at(batch.id).parked;
  ASSERT_THAT(parked, SizeIs(1));
  EXPECT_EQ(parked[0], (ParkedPart{batch.parts[1].upload, 1, "malformed part: record 0 has no key"}));
}

TEST_F(ProjectorTest, AConflictIsParkedAndItsNeighbourApplied) {
  const SamplePart first{.digest = kDigestA, .records = sample_record("a", "first")};
  SamplePart other = first;
  other.digest = kDigestB;
  other.records = sample_record("a", "other");
  take({.parts = {first}});
  const SampleBatch batch{.parts = {other, {.records = sample_record("b")}}};
  take(batch);
  const auto settled = settle_all();
  ASSERT_THAT(settled[1].parked, SizeIs(1));
  EXPECT_EQ(settled[1].parked[0].reason, kConflictReason);
  EXPECT_EQ(settled[1].parked[0].body + "\n", other.line());
  EXPECT_EQ(store.records["transaction:a"].value, R"({"cliente":"first"})");
  EXPECT_TRUE(store.records.contains("transaction:b"));
  take(batch);
  EXPECT_THAT(settle_all()[0].parked, SizeIs(1)) << "its batch again: parking it may have been lost";
}

TEST_F(ProjectorTest, WhileTheStoreIsAwayDeliveriesWaitInTheirOrder) {
  EXPECT_FALSE(projector.store_available());
  store.set_away(true);
  for (int i = 0; i < 6; ++i) take({.parts = {{.records = sample_record("k", std::to_string(i))}}});
  for (int i = 0; i < 3; ++i) EXPECT_THAT(projector.work(-1, milliseconds(1)), IsEmpty());
  EXPECT_EQ(projector.unsettled(), 6U);
  EXPECT_FALSE(projector.store_available());
  EXPECT_THAT(metrics.render(), HasSubstr("comporta_redis_errors_total 1")) << "the rest was the pause";
  store.set_away(false);
  EXPECT_THAT(tags(settle_all()), ElementsAre(1U, 2U, 3U, 4U, 5U, 6U));
  EXPECT_EQ(store.records["transaction:k"].value, R"({"cliente":"5"})");
  EXPECT_TRUE(projector.store_available());
}

TEST_F(ProjectorTest, AnIdleProjectorKnowsWhetherTheStoreAnswers) {
  projector.work(-1, milliseconds(0));
  EXPECT_TRUE(projector.store_available());
}

TEST_F(ProjectorTest, AGroupThatIsReadAheadIsAppliedBehindAnAnswerThatWasLost) {
  for (int i = 0; i < 6; ++i) take({.parts = {{.records = sample_record("a", std::to_string(i))}}});
  store.fail_at(3);  // the first group is written, but nobody is told, and the second has been read
  EXPECT_THAT(projector.work(-1, milliseconds(0)), IsEmpty());
  take({.parts = {{.records = sample_record("a", "6")}}});
  EXPECT_THAT(tags(settle_all()), ElementsAre(1U, 2U, 3U, 4U, 5U, 6U, 7U));
  EXPECT_EQ(store.records["transaction:a"].value, R"({"cliente":"6"})");
  EXPECT_THAT(metrics.render(), HasSubstr("comporta_parts_applied_total 3"));
  EXPECT_THAT(metrics.render(), HasSubstr("comporta_parts_repeated_total 4"));
}

TEST_F(ProjectorTest, OnlyAGroupThatIsFullIsSaidToBeTheNext) {
  for (int i = 0; i < 9; ++i) take({.parts = {{}}});
  EXPECT_THAT(tags(projector.work(-1, milliseconds(0))), ElementsAre(1U, 2U, 3U, 4U));
  EXPECT_THAT(store.offered_batches, ElementsAre(4U));
  take({.parts = {{}}});
  EXPECT_THAT(tags(projector.work(-1, milliseconds(0))), ElementsAre(5U, 6U, 7U, 8U))
      << "and stays as it was";
  EXPECT_THAT(store.offered_batches, ElementsAre(4U)) << "more may come to the third";
  take({.parts = {{}}});
  EXPECT_THAT(tags(projector.work(-1, milliseconds(0))), ElementsAre(9U, 10U, 11U));
}

TEST_F(ProjectorTest, ForgetsWhatIsReadAheadToo) {
  for (int i = 0; i < 6; ++i) take({.parts = {{.records = sample_record(std::to_string(i))}}});
  EXPECT_THAT(projector.work(-1, milliseconds(0)), SizeIs(4));
  projector.forget();
  take({.parts = {{.records = sample_record("b")}}});
  EXPECT_THAT(tags(settle_all()), ElementsAre(7U));
  EXPECT_THAT(store.records, SizeIs(5)) << "the first four, and b";
}

// What comes after the loss of a connection need not be what came before it.
TEST_F(ProjectorTest, WhatIsForgottenBehindALostAnswerStandsForNothingThatComes) {
  for (int i = 0; i < 6; ++i) take({.parts = {{.records = sample_record("old" + std::to_string(i))}}});
  store.fail_at(3);  // the first group is written, but nobody is told, and the second has been read
  EXPECT_THAT(projector.work(-1, milliseconds(0)), IsEmpty());
  projector.forget();
  for (int i = 0; i < 6; ++i) take({.parts = {{.records = sample_record("new" + std::to_string(i))}}});
  EXPECT_THAT(tags(settle_all()), ElementsAre(7U, 8U, 9U, 10U, 11U, 12U));
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(store.records.contains("transaction:new" + std::to_string(i))) << i;
  EXPECT_FALSE(store.records.contains("transaction:old5"));
}

TEST_F(ProjectorTest, WhenIdleGoesOnWithWhatTheStoreHasLeft) {
  store.left_to_do = 3;
  for (int i = 0; i < 3; ++i) projector.work(-1, milliseconds(0));
  EXPECT_EQ(store.left_to_do, 0);
}

TEST_F(ProjectorTest, ForgetsWhatWillBeDeliveredAgain) {
  take({.parts = {{}}});
  projector.forget();
  EXPECT_EQ(projector.unsettled(), 0U);
  EXPECT_THAT(projector.work(-1, milliseconds(0)), IsEmpty());
  EXPECT_THAT(store.records, IsEmpty());
}

/// Everything of interest at once: a repeat, a keyed repeat, a conflict, a malformed line, two groups.
class ProjectorFailingAt : public ProjectorTest, public ::testing::WithParamInterface<int> {};

TEST_P(ProjectorFailingAt, EndsAsIfNothingHadFailed) {
  const SamplePart keyed{.digest = kDigestA, .records = sample_record("keyed")};
  SamplePart conflict = keyed;
  conflict.digest = kDigestB;
  const SampleBatch first{.parts = {keyed, {.records = sample_record("a")}}};
  store.fail_at(GetParam());
  take(first);
  take({.parts = {keyed, {.records = sample_record("b")}}}, "{broken\n");
  take({.parts = {conflict}});
  take(first);
  take({.parts = {{.records = sample_record("c")}}});
  const auto settled = settle_all();
  EXPECT_EQ(store.failed(), GetParam() <= 6);
  EXPECT_THAT(tags(settled), ElementsAre(1U, 2U, 3U, 4U, 5U));
  EXPECT_THAT(settled[0].parked, IsEmpty());
  EXPECT_THAT(settled[1].parked, SizeIs(1));
  EXPECT_THAT(settled[2].parked, SizeIs(1));
  EXPECT_THAT(store.records, SizeIs(4));
  for (const auto& [key, entry] : store.records) EXPECT_EQ(entry.writes, 1) << key;
  EXPECT_THAT(store.applied, SizeIs(4));
}

INSTANTIATE_TEST_SUITE_P(EveryStep, ProjectorFailingAt, ::testing::Range(1, 8));

}  // namespace
}  // namespace comporta
