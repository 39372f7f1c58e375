// What every view store promises, on the one in memory and on Redis.

#include "services/cache/apply/view_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/contract/cache/redis/redis_access.h"
#include "tests/support/cache/memory_view_store.h"
#include "tests/support/cache/sample_batches.h"

namespace comporta {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using enum PartOutcome;

constexpr std::size_t kRing = 5;

/// A store, and a hand that changes a record behind its back.
class Bench {
 public:
  virtual ~Bench() = default;
  virtual ViewStore& store() = 0;
  virtual void overwrite(const std::string& key, const std::string& value, milliseconds remaining) = 0;
};

class MemoryBench : public Bench {
 public:
  ViewStore& store() override { return store_; }
  void overwrite(const std::string& key, const std::string& value, milliseconds remaining) override {
    store_.records["transaction:" + key] = {value, MemoryViewStore::Clock::now() + remaining};
  }

 private:
  MemoryViewStore store_{kRing};
};

class RedisBench : public Bench {
 public:
  RedisBench()
      : store_([this] {
          RedisStoreSettings settings = redis_.settings();
          settings.applied_batches = kRing;
          return settings;
        }()) {}
  ViewStore& store() override { return store_; }
  void overwrite(const std::string& key, const std::string& value, milliseconds remaining) override {
    redis_.ask({"SET", redis_.record_key(key), value, "PX", std::to_string(remaining.count())});
  }

 private:
  RedisAccess redis_;
  RedisStore store_;
};

struct Flavour {
  std::string name;
  std::function<std::unique_ptr<Bench>()> make;
};

class ViewStoreContract : public ::testing::TestWithParam<Flavour> {
 protected:
  std::vector<PartResult> apply(const std::vector<SampleBatch>& batches) {
    return store.apply(sample_group(kind, batches));
  }
  std::string value_of(const std::string& key) {
    const auto found = store.find_record("transaction", key);
    return found ? found->value : "";
  }

  std::unique_ptr<Bench> bench = GetParam().make();
  ViewStore& store = bench->store();
  Kind kind = sample_kind();
};

TEST_P(ViewStoreContract, KeepsRecordsForTheirTime) {
  EXPECT_THAT(apply({{.parts = {{.records = sample_record("a") + "," + sample_record("b", "Bia")}}}}),
              ElementsAre(kApplied));
  const auto found = store.find_record("transaction", "b");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->value, R"({"cliente":"Bia"})");
  EXPECT_GT(found->remaining, milliseconds(0));
  EXPECT_LE(found->remaining, std::chrono::seconds(60));
  EXPECT_EQ(store.find_record("transaction", "nobody"), std::nullopt);
  EXPECT_EQ(store.find_record("other", "a"), std::nullopt);
}

TEST_P(ViewStoreContract, TheTimeOfARecordBeginsWithItsReceipt) {
  const auto applied_after = [this](const std::string& key, std::chrono::seconds since_receipt) {
    apply({{.parts = {
                {.records = sample_record(key), .received = rfc3339(WallClock::now() - since_receipt)}}}});
    return store.find_record("transaction", key);
  };
  const auto late = applied_after("late", std::chrono::seconds(40));
  ASSERT_TRUE(late.has_value());
  EXPECT_LE(late->remaining, std::chrono::seconds(20));
  EXPECT_EQ(applied_after("over", std::chrono::seconds(60)), std::nullopt);
  EXPECT_LE(applied_after("early", std::chrono::seconds(-60)).value().remaining, std::chrono::seconds(60));
}

TEST_P(ViewStoreContract, TheLastRecordOfAKeyWins) {
  apply({{.parts = {{.records = sample_record("a", "1") + "," + sample_record("a", "2")}}},
         {.parts = {{.records = sample_record("a", "3")}}}});
  EXPECT_EQ(value_of("a"), R"({"cliente":"3"})");
}

TEST_P(ViewStoreContract, KeysMayHoldAnything) {
  const std::vector<std::pair<std::string, std::string>> keys = {
      {"with space", "with space"}, {"a:b", "a:b"},      {R"(line\nbreak\r\n)", "line\nbreak\r\n"},
      {R"(q\"uote)", "q\"uote"},    {"çã😀", "çã😀"},      {R"(nul\u0000l)", std::string("nul\0l", 5)},
      {"*?[x]", "*?[x]"},           {"a/b%20", "a/b%20"}};
  for (const auto& [json, key] : keys) {
    apply({{.parts = {{.records = sample_record(json)}}}});
    EXPECT_EQ(value_of(key), R"({"cliente":"Ana"})") << key;
  }
}

TEST_P(ViewStoreContract, TheSameBatchAgainChangesNothing) {
  const SampleBatch batch{.parts = {{.records = sample_record("a")}}};
  apply({batch});
  bench->overwrite("a", "touched by nobody", milliseconds(30'000));
  EXPECT_THAT(apply({batch}), ElementsAre(kRepeated));
  EXPECT_EQ(value_of("a"), "touched by nobody");
  EXPECT_LE(store.find_record("transaction", "a").value().remaining, milliseconds(30'000))
      << "not made longer";
}

TEST_P(ViewStoreContract, AKeyedUploadInAnotherBatchChangesNothing) {
  const SamplePart part{.digest = kDigestA, .records = sample_record("a")};
  SamplePart next = part;
  next.part = 2;
  next.records = sample_record("next");
  apply({{.parts = {part}}});
  bench->overwrite("a", "touched by nobody", milliseconds(30'000));
  const SampleBatch again{.parts = {part, next}};
  EXPECT_THAT(apply({again}), ElementsAre(kRepeated, kApplied));
  EXPECT_EQ(value_of("a"), "touched by nobody");
  EXPECT_LE(store.find_record("transaction", "a").value().remaining, milliseconds(30'000))
      << "not made longer";
  EXPECT_EQ(value_of("next"), R"({"cliente":"Ana"})");
  EXPECT_EQ(store.find_batch(again.id).value().parts, 1U);
}

TEST_P(ViewStoreContract, RepeatsWithinOneGroupAreRecognised) {
  const SamplePart keyed{.digest = kDigestA, .records = sample_record("keyed")};
  const SampleBatch batch{.parts = {{.records = sample_record("a")}, keyed}};
  EXPECT_THAT(apply({batch, batch, {.parts = {keyed}}}),
              ElementsAre(kApplied, kApplied, kRepeated, kRepeated, kRepeated));
  EXPECT_EQ(store.find_batch(batch.id).value().records, 2U);
}

TEST_P(ViewStoreContract, AnotherBodyUnderTheSameUploadIsAConflictAndChangesNothing) {
  const SamplePart part{.digest = kDigestA, .records = sample_record("a", "first")};
  SamplePart other = part;
  other.digest = kDigestB;
  other.records = sample_record("a", "other");
  apply({{.parts = {part}}});
  const SampleBatch batch{.parts = {other, {.records = sample_record("b")}}};
  EXPECT_THAT(apply({batch}), ElementsAre(kConflict, kApplied));
  EXPECT_EQ(value_of("a"), R"({"cliente":"first"})");
  EXPECT_EQ(value_of("b"), R"({"cliente":"Ana"})");
  EXPECT_THAT(apply({batch}), ElementsAre(kConflict, kRepeated));
  const auto found = store.find_batch(batch.id).value();
  EXPECT_EQ(found.parts, 1U);
  EXPECT_THAT(found.parked, ElementsAre(ParkedPart{part.upload, 1, std::string(kConflictReason)}));
}

TEST_P(ViewStoreContract, RemembersTheLinesOfABatchThatAreNoParts) {
  const SamplePart unfit{.part = 3};
  const SampleBatch batch{.parts = {{}}};
  Group group = sample_group(kind, {batch});
  group.add_unfit_line(unfit.line(), "malformed part: why");
  group.add_unfit_line("nonsense", "malformed part: nonsense");
  EXPECT_THAT(store.apply(group), ElementsAre(kApplied));
  EXPECT_THAT(store.find_batch(batch.id).value().parked,
              ElementsAre(ParkedPart{unfit.upload, 3, "malformed part: why"},
                          ParkedPart{"", 0, "malformed part: nonsense"}));
}

TEST_P(ViewStoreContract, OfManySuchLinesTheFirstAreRemembered) {
  const SampleBatch batch;
  Group group = sample_group(kind, {batch});
  for (std::size_t i = 0; i <= kUnfitLinesRemembered; ++i) group.add_unfit_line("", "no line");
  store.apply(group);
  EXPECT_THAT(store.find_batch(batch.id).value().parked, ::testing::SizeIs(kUnfitLinesRemembered));
}

TEST_P(ViewStoreContract, RemembersWhatABatchBrought) {
  const SampleBatch batch{.parts = {{}, {.records = sample_record("a") + "," + sample_record("b")}}};
  EXPECT_EQ(store.find_batch(batch.id), std::nullopt);
  apply({batch});
  const auto found = store.find_batch(batch.id);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->parts, 2U);
  EXPECT_EQ(found->records, 3U);
  EXPECT_THAT(found->applied_at, ::testing::MatchesRegex("....-..-..T..:..:..\\....Z"));
}

TEST_P(ViewStoreContract, ABatchWithoutPartsIsRemembered) {
  const SampleBatch batch;
  EXPECT_THAT(apply({batch}), ElementsAre());
  EXPECT_EQ(store.find_batch(batch.id).value().parts, 0U);
}

TEST_P(ViewStoreContract, ForgetsTheOldestBatchesBeyondItsLimit) {
  const std::vector<SampleBatch> batches(12);
  apply({batches[0], batches[1], batches[2], batches[3]});
  for (std::size_t i = 4; i < batches.size(); ++i) apply({batches[i]});
  for (std::size_t i = 0; i < batches.size(); ++i)
    EXPECT_EQ(store.find_batch(batches[i].id).has_value(), i >= batches.size() - kRing) << i;
}

TEST_P(ViewStoreContract, AnswersAPing) {
  EXPECT_NO_THROW(store.go_on());
}

INSTANTIATE_TEST_SUITE_P(Stores, ViewStoreContract,
                         ::testing::Values(Flavour{"Memory", [] { return std::make_unique<MemoryBench>(); }},
                                           Flavour{"Redis", [] { return std::make_unique<RedisBench>(); }}),
                         [](const auto& flavour) { return flavour.param.name; });

}  // namespace
}  // namespace comporta
