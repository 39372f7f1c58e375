// Settled records are written without their kind's Function, and nobody can tell: what is done here is done
// again with a kind that is the same but does not compare, so that everything is called for.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "tests/contract/cache/redis/meter_store.h"

namespace comporta {
namespace {

using enum PartOutcome;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SettledPartsTest : public ::testing::Test {
 protected:
  /// In both stores.
  std::vector<PartResult> apply(const std::vector<SampleBatch>& batches) {
    std::vector<PartResult> results = settled_.apply(batches);
    EXPECT_EQ(called_.apply(batches), results);
    for (const SampleBatch& batch : batches) expect_same_batch(batch.id);
    return results;
  }

  /// Each arrives behind the one before it.
  SamplePart part(const std::string& records, int seconds = 0) {
    base_ += std::chrono::milliseconds(1);
    return {.records = records, .received = rfc3339(base_ + std::chrono::seconds(seconds))};
  }
  SampleBatch batch(const std::string& records, int seconds = 0) {
    return {.parts = {part(records, seconds)}};
  }
  /// One part of new meters.
  static std::string meters(const std::string& name, int count) {
    std::string records;
    for (int i = 0; i < count; ++i)
      records += (i == 0 ? "" : ",") + meter(name + "-" + std::to_string(i), "hall");
    return records;
  }

  void expect_same_batch(const std::string& id) {
    const auto found = settled_.find_batch(id), expected = called_.find_batch(id);
    ASSERT_TRUE(found && expected);
    EXPECT_EQ(found->parts, expected->parts);
    EXPECT_EQ(found->records, expected->records);
  }

  /// What is shown of the last 100 records, with their fields, and the counters.
  void expect_same_views() {
    const std::string recent = settled_.ask("recent", kAll);
    EXPECT_EQ(recent, called_.ask("recent", kAll));
    EXPECT_THAT(recent, HasSubstr(R"("records":[{)"));
  }

  void expect_same_record(const std::string& key) {
    const auto found = settled_.find(key), expected = called_.find(key);
    ASSERT_TRUE(found && expected) << key;
    EXPECT_EQ(found->value, expected->value);
    EXPECT_EQ(found->arrival_ms, expected->arrival_ms);
    ASSERT_TRUE(found->remaining && expected->remaining);
    EXPECT_GT(found->remaining, std::chrono::seconds(0));
    EXPECT_LE(found->remaining, kind().ttl);
  }

  std::string counter() {
    return std::string(
        settled_.redis().ask({"HGET", settled_.redis().prefix() + ":view:meter:counters", "records"}).text());
  }
  std::int64_t entries() {
    return settled_.redis().ask({"LLEN", settled_.redis().prefix() + ":view:meter:latest"}).number();
  }
  const Kind& kind() const { return settled_.kind(); }

  static constexpr char kAll[] = R"({"limit":100})";

  MeterStore settled_;
  MeterStore called_{{"  compares: [place]\n", ""}};
  WallClock::time_point base_ = WallClock::now();
};

TEST_F(SettledPartsTest, AreKeptShownAndCounted) {
  const std::string odd = R"(q\"uo\\te çã😀 line\n\u0001 a/b)";
  EXPECT_THAT(
      apply({{.parts = {part(meter("a", "hall") + "," + meter("b", "hall")), part(meter("c", "yard"))}},
             batch(meter(odd, "hall"), 1)}),
      Each(PartResult(kApplied)));
  expect_same_views();
  apply({batch(meter("a", "hall", "2") + "," + meter("new", "hall"), 2), batch(meter("a", "hall", "3"), 3)});
  expect_same_views();
  for (const char* key : {"a", "b", "c", "new", "q\"uo\\te çã😀 line\n\x01 a/b"}) expect_same_record(key);
  EXPECT_EQ(counter(), "7");
  EXPECT_THAT(settled_.ask("recent", kAll), HasSubstr(R"("counters":{"records":7})"));
}

TEST_F(SettledPartsTest, StandInOrderWithThoseThatAreNot) {
  apply({batch(meters("m", 3))});
  apply({batch(meter("m-0", "hall", "2"), 1),
         batch(meter("m-0", "wrong"), 2),
         batch(meters("n", 2), 3),
         batch(meter("m-1", "yard"), 4),
         batch(meter("m-1", "yard", "2"), 5),
         batch(meters("o", 2), 6),
         {.parts = {part(meters("p", 2), 7), part(meters("q", 2), 7), part(meter("m-2", "wrong"), 7)}},
         batch(meters("r", 1), 8)});
  expect_same_views();
  for (const char* key : {"m-0", "m-1", "m-2", "n-1", "o-0", "p-1", "q-0", "r-0"}) expect_same_record(key);
  EXPECT_EQ(settled_.place_of("m-0"), R"({"place":"hall","note":"2"})");
}

TEST_F(SettledPartsTest, InTheCompanyOfOthersAreToldOfByTheirCall) {
  apply({batch(meter("a", "hall"))});
  SampleBatch mixed{.parts = {part(meters("many", 99), 1), part(meters("few", 2), 1),
                              part(meter("a", "wrong"), 1), part(meter("a", "nowhere"), 1)}};
  mixed.parts[0].digest = mixed.parts[2].digest = kDigestA;
  const std::vector<PartResult> results = apply({mixed});
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(results[i].outcome, kApplied);
  EXPECT_EQ(results[3].outcome, kFailed);
  expect_same_views();
  for (const char* key : {"a", "many-0", "many-98", "few-1"}) expect_same_record(key);
  EXPECT_EQ(apply({mixed})[0].outcome, kRepeated);
  SampleBatch again{.parts = {mixed.parts[0], part(meter("a", "yard"), 2)}};
  EXPECT_THAT(apply({again}), ElementsAre(kRepeated, kApplied)) << "its mark is there";
  EXPECT_EQ(counter(), "104");
}

TEST_F(SettledPartsTest, OfALargeBatchInCompanyTheLatestHundredRecordsAreShown) {
  apply({batch(meter("a", "hall")), batch(meters("before", 10))});
  SampleBatch mixed;
  for (int i = 0; i < 120; ++i) mixed.parts.push_back(part(meters(std::to_string(i), 1), 1));
  mixed.parts.push_back(part(meter("a", "yard"), 1));
  apply({mixed});
  expect_same_views();
  EXPECT_EQ(counter(), "132");
  EXPECT_LE(entries(), 200);
}

TEST_F(SettledPartsTest, StandInOrderWithDeletions) {
  apply({batch(meter("a", "hall") + "," + meter("b", "hall"))});
  const SampleBatch before = batch(meter("b", "hall", "2"), 1);
  SampleBatch deletion = batch(R"({"id":"a"},{"id":"b"})", 1);
  deletion.parts[0].action = "delete";
  apply({before, deletion, batch(meter("a", "hall", "3"), 2)});
  expect_same_views();
  expect_same_record("a");
  EXPECT_EQ(settled_.place_of("b"), "nothing");
}

TEST_F(SettledPartsTest, OfManyTheLatestHundredRecordsAreShown) {
  std::vector<SampleBatch> many;
  for (int i = 0; i < 120; ++i) many.push_back(batch(meters(std::to_string(i), 1)));
  apply(many);
  expect_same_views();
  EXPECT_EQ(entries(), 100);
  many.clear();
  for (int i = 0; i < 30; ++i) many.push_back(batch(meters("x" + std::to_string(i), 1)));
  apply(many);
  expect_same_views();
  EXPECT_EQ(entries(), 100) << "cut again";
  apply({batch(meters("before", 60)), batch(meters("y", 60)), batch(meters("z", 60))});
  expect_same_views();
  EXPECT_EQ(entries(), 2);
  EXPECT_EQ(counter(), "330");
}

TEST_F(SettledPartsTest, OfALargePartItsLatestHundredRecordsAreShown) {
  apply({batch(meters("a", 2)), batch(meters("large", 150))});
  expect_same_views();
  EXPECT_EQ(entries(), 1);
  EXPECT_EQ(counter(), "152");
  apply({batch(meters("b", 2))});
  expect_same_views();
}

TEST_F(SettledPartsTest, NeedNotBeWholeParts) {
  apply({batch(meter("hidden", "hall") + "," + meter("seen", "hall") + "," + meter("moved", "hall"))});
  const std::string mixed = meter("hidden", "wrong") + "," + meters("a", 100) + "," + meter("seen", "wrong") +
                            "," + meter("b-0", "hall") + "," + meter("b-0", "yard") + "," +
                            meter("moved", "yard") + "," + meters("c", 20);
  EXPECT_THAT(apply({batch(mixed, 1)}), ElementsAre(kApplied));
  expect_same_views();
  EXPECT_THAT(settled_.ask("recent", kAll), HasSubstr(R"("flag:wrong":2)"));
  for (const char* key : {"hidden", "a-0", "a-99", "seen", "b-0", "moved", "c-19"}) expect_same_record(key);
  EXPECT_EQ(settled_.place_of("b-0"), R"({"place":"yard","note":""})");
  EXPECT_EQ(counter(), "128");
}

TEST_F(SettledPartsTest, AreNotAppliedAgain) {
  SampleBatch keyed = batch(meter("a", "hall"));
  keyed.parts[0].digest = kDigestA;
  SampleBatch other = keyed;
  other.id = new_uuid_v7();
  SampleBatch conflict = other;
  conflict.id = new_uuid_v7();
  conflict.parts[0].digest = kDigestB;
  const SampleBatch plain = batch(meter("b", "hall"));
  EXPECT_THAT(apply({keyed, plain}), Each(PartResult(kApplied)));
  EXPECT_THAT(apply({other, plain, keyed, conflict}),
              ElementsAre(kRepeated, kRepeated, kRepeated, kConflict));
  expect_same_views();
  EXPECT_EQ(counter(), "2");
  const std::string mark = settled_.redis().prefix() + ":upload:" + keyed.parts[0].upload + ":1";
  EXPECT_GT(settled_.redis().ask({"TTL", mark}).number(), 86'000);
}

TEST(SettledPartsWithoutTime, StayUntilTheyAreDeleted) {
  MeterStore store({"  ttl: 60s", "  ttl: 0s"});
  store.apply({{.parts = {{.records = meter("a", "hall")}}}});
  ASSERT_TRUE(store.find("a").has_value());
  EXPECT_EQ(store.find("a")->remaining, std::nullopt);
}

}  // namespace
}  // namespace comporta
