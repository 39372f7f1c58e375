// Those who wait for a record: who is applied when it comes, when, and in which order.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/cache/redis/note_store.h"

namespace comporta {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kKind[] = "commutative";

std::string note(const std::string& key, int say, const std::string& needs) {
  return R"({"id":")" + key + R"(","say":)" + std::to_string(say) + R"(,"needs":")" + needs + R"("})";
}

class Waking : public ::testing::Test {
 protected:
  void apply(const std::string& kind, const std::string& records, int after = 0,
             const std::string& action = {}) {
    const auto received = rfc3339(base_ + std::chrono::milliseconds(after));
    notes_.apply(kind, {{.parts = {{.records = records, .action = action, .received = received}}}});
  }
  void set_tag(int after = 1'000) { apply("tag", R"({"id":"t"})", after); }

  /// Notes that wait for the tag, the first to arrive the last by name; some arrive at one moment.
  std::vector<std::string> let_wait(int count) {
    std::vector<std::string> keys;
    std::string records;
    for (int i = 0; i < count; ++i) {
      keys.push_back("w-" + std::to_string(999 - i));
      records += (records.empty() ? "" : ",") + note(keys.back(), 1, "tag/t");
      if (i % 10 != 9 && i != count - 1) continue;
      apply(kKind, std::exchange(records, {}), i / 10);
    }
    return keys;
  }

  std::vector<std::string> changes() {
    const std::string text = notes_.ask(kKind, "changes", R"({"group":"w"})");
    std::vector<std::string> keys;
    for (std::size_t at = text.find("w-"); at != text.npos; at = text.find("w-", at + 1))
      keys.push_back(text.substr(at, text.find('"', at) - at));
    return keys;
  }
  std::string refused() { return notes_.ask(kKind, "refused", R"({"limit":1000})"); }

  NoteStore notes_;
  WallClock::time_point base_ = WallClock::now();
};

TEST_F(Waking, TakesAFewAtATimeInTheOrderOfTheirArrivalAndEachOnce) {
  const std::vector<std::string> keys = let_wait(100);
  set_tag();
  std::size_t woken = changes().size();
  EXPECT_GT(woken, 0U) << "the first at once";
  for (; notes_.store().has_more(); woken = changes().size()) {
    EXPECT_LE(changes().size() - woken, 40U);
    apply("ordered", note("other-" + std::to_string(woken), 1, ""));
    notes_.store().go_on();
  }
  EXPECT_EQ(changes(), keys);
  notes_.store().go_on();
  EXPECT_EQ(changes(), keys);
  EXPECT_THAT(refused(), HasSubstr(R"("records":[])"));
}

TEST_F(Waking, WithEachPartNoMoreThanAFew) {
  const std::vector<std::string> keys = let_wait(100);
  std::vector<SampleBatch> batches(3);
  for (SampleBatch& batch : batches) batch.parts = {{.records = R"({"id":"t"})"}};
  notes_.apply("tag", batches);
  EXPECT_LE(changes().size(), 3U * 16U);
  notes_.wake_all();
  EXPECT_EQ(changes(), keys);
}

// Two things that a note needs, one after the other, come together or apart: the note sees the same.
TEST_F(Waking, SeesWhatWasThereWhenItCameHoweverPartsAreGrouped) {
  for (const bool together : {true, false}) {
    const std::string tag = together ? "t-1" : "t-2", first = together ? "w-1" : "w-3",
                      second = together ? "w-2" : "w-4";
    apply(kKind, note(first, 1, "tag/" + tag) + "," + note(second, 1, "tag/" + tag));
    std::vector<SampleBatch> batches(2);
    batches[0].parts = {{.records = R"({"id":")" + tag + R"("})"}};
    batches[1].parts = {{.records = R"({"id":")" + tag + R"("})", .action = "delete"}};
    if (together) {
      notes_.apply("tag", batches);
    } else {
      for (const SampleBatch& batch : batches) notes_.apply("tag", {batch});
    }
    notes_.wake_all();
  }
  EXPECT_THAT(changes(), ElementsAre("w-1", "w-2", "w-3", "w-4"));
}

TEST_F(Waking, GoesOnBehindARestart) {
  const std::vector<std::string> keys = let_wait(100);
  set_tag();
  RedisStore after = notes_.another_store();
  do after.go_on();
  while (after.has_more());
  EXPECT_EQ(changes(), keys);
}

// As a replay does it.
TEST_F(Waking, GoesOnUnderAnotherPrefix) {
  const std::vector<std::string> keys = let_wait(100);
  set_tag();
  RedisAccess& redis = notes_.redis();
  NoteStore other;
  for (const std::string& key : redis.keys()) {
    const std::string rest = key.substr(redis.prefix().size());
    if (rest.starts_with(":view:") || rest.starts_with(":record:"))
      redis.ask({"RENAME", key, other.redis().prefix() + rest});
  }
  do other.store().go_on();
  while (other.store().has_more());
  EXPECT_EQ(other.ask(kKind, "sum", R"({"group":"w"})"), R"({"sum":100})");
  EXPECT_EQ(other.value_of(kKind, keys.back()), R"({"say":1,"needs":"tag/t"})");
}

TEST_F(Waking, WhoHasBeenReplacedOrDeletedIsNotWoken) {
  const std::vector<std::string> keys = let_wait(100);
  set_tag();
  apply(kKind, R"({"id":")" + keys[98] + R"(","say":7})", 2'000);
  apply(kKind, R"({"id":")" + keys[99] + R"("})", 2'000, "delete");
  notes_.wake_all();
  EXPECT_EQ(notes_.value_of(kKind, keys[98]), R"({"say":7})");
  EXPECT_EQ(notes_.value_of(kKind, keys[99]), "nothing");
  EXPECT_EQ(notes_.ask(kKind, "sum", R"({"group":"w"})"), R"({"sum":105})");
}

TEST_F(Waking, WhoIsRefusedAgainWaitsAgain) {
  const std::vector<std::string> keys = let_wait(100);
  set_tag();
  apply("tag", R"({"id":"t"})", 2'000, "delete");
  notes_.wake_all();
  EXPECT_LT(changes().size(), 100U);
  EXPECT_THAT(refused(), HasSubstr("there is no tag/t"));
  set_tag(3'000);
  notes_.wake_all();
  EXPECT_EQ(changes(), keys);
}

TEST_F(Waking, WakesThoseWhoWaitedForOneThatWaited) {
  apply(kKind, note("w-3", 1, "commutative/w-2") + "," + note("w-2", 1, "commutative/w-1") + "," +
                   note("w-1", 1, "tag/t"));
  EXPECT_THAT(changes(), ElementsAre());
  set_tag();
  notes_.wake_all();
  EXPECT_THAT(changes(), ElementsAre("w-1", "w-2", "w-3"));
}

TEST_F(Waking, OneThatFailsWhenItsTurnComesFailsAlone) {
  apply(kKind, note("w-1", 1, "tag/t") + "," + note("w-2", 13, "tag/t") + "," + note("w-3", 1, "tag/t"));
  set_tag();
  EXPECT_THAT(changes(), ElementsAre("w-1", "w-3"));
  EXPECT_THAT(refused(), HasSubstr(R"("key":"w-2")"));
  EXPECT_THAT(refused(), HasSubstr("when its turn came: commutative/views.lua"));
  EXPECT_THAT(refused(), Not(HasSubstr("waits_for")));
  EXPECT_EQ(notes_.ask(kKind, "sum", R"({"group":"w"})"), R"({"sum":2})") << "nothing of it is left";
}

}  // namespace
}  // namespace comporta
