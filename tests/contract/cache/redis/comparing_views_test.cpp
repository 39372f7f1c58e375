// A kind that compares: what its views are asked about, and that the rest is kept all the same.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "common/base/error.h"
#include "tests/contract/cache/redis/meter_store.h"

namespace comporta {
namespace {

using enum PartOutcome;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ComparingViews : public ::testing::Test {
 protected:
  /// A batch for each text of records; they arrive one behind the other, some seconds after `base_`.
  std::vector<PartResult> apply(const std::vector<std::string>& texts, int seconds = 0,
                                const std::string& action = {}) {
    std::vector<SampleBatch> batches;
    auto received = base_ + std::chrono::seconds(seconds);
    for (const std::string& records : texts)
      batches.push_back({.parts = {{.records = records,
                                    .action = action,
                                    .received = rfc3339(received += std::chrono::milliseconds(1))}}});
    return meters_.apply(batches);
  }

  /// Since the last call of this.
  std::string asked() {
    const std::string all = meters_.ask("asked");
    const std::string news = all.substr(seen_.size());
    seen_ = all.substr(0, all.size() - 2);  // without its `]}`
    return news;
  }

  std::string place_of(const std::string& key) { return meters_.place_of(key); }

  MeterStore meters_;
  WallClock::time_point base_ = WallClock::now();
  std::string seen_ = R"({"asked":[)";
};

TEST_F(ComparingViews, AreAskedOnlyAboutWhatDiffers) {
  EXPECT_THAT(apply({meter("a", "hall") + "," + meter("b", "hall")}), ElementsAre(kApplied));
  EXPECT_EQ(asked(), "]}") << "nothing was there before";
  apply({meter("a", "hall", "again") + "," + meter("b", "yard")}, 1);
  EXPECT_EQ(asked(), R"("b hall yard"]})") << "of a, only what is not compared has changed";
  EXPECT_EQ(place_of("a"), R"({"place":"hall","note":"again"})");
  EXPECT_EQ(place_of("b"), R"({"place":"yard","note":""})");
}

TEST_F(ComparingViews, AreAskedAgainBetweenThoseThatAreNot) {
  apply({meter("a", "hall") + "," + meter("b", "hall") + "," + meter("c", "hall")});
  apply({meter("a", "hall", "2") + "," + meter("b", "wrong") + "," + meter("c", "hall", "2")}, 1);
  EXPECT_EQ(asked(), R"("b hall wrong"]})");
  EXPECT_EQ(place_of("a"), R"({"place":"hall","note":"2"})");
  EXPECT_EQ(place_of("b"), R"({"place":"hall","note":""})") << "apply said so";
  EXPECT_EQ(place_of("c"), R"({"place":"hall","note":"2"})");
  const std::string recent = meters_.ask("recent", R"({"limit":10})");
  EXPECT_THAT(recent, HasSubstr(R"("flags":["wrong"],"key":"b")"));
  EXPECT_THAT(recent, HasSubstr(R"("flags":[],"key":"c")"));
}

TEST_F(ComparingViews, AreAskedAboutAKeyThatComesAgainOnlyFromWhereItDiffers) {
  apply({meter("a", "hall") + "," + meter("a", "yard") + "," + meter("a", "yard", "2"), meter("b", "hall"),
         meter("b", "wrong"), meter("b", "hall"), meter("c", "hall", "1") + "," + meter("c", "hall", "2"),
         meter("c", "hall", "3")});
  EXPECT_EQ(asked(), R"("a hall yard","a yard yard","b hall wrong","b hall hall"]})");
  EXPECT_EQ(place_of("a"), R"({"place":"yard","note":"2"})");
  EXPECT_EQ(place_of("c"), R"({"place":"hall","note":"3"})");
  apply({meter("c", "hall", "4") + "," + meter("c", "yard", "5"), meter("a", "hall")}, 1);
  EXPECT_EQ(asked(), R"(,"c hall yard","a yard hall"]})");
  EXPECT_EQ(place_of("c"), R"({"place":"yard","note":"5"})");
}

TEST_F(ComparingViews, SeeWhatIsKeptBesideThemInTheSameGroup) {
  apply({meter("x", "hall")});
  apply({meter("x", "beside n"), meter("n", "roof") + "," + meter("x", "beside n"),
         meter("x", "beside m") + "," + meter("m", "yard")},
        1);
  EXPECT_EQ(asked(),
            R"("x hall beside n: nowhere","x beside n beside n: roof","x beside n beside m: yard"]})");
  apply({meter("n", "roof", "2"), meter("x", "beside n"), meter("x", "beside m")}, 2);
  EXPECT_EQ(asked(), R"(,"x beside m beside n: roof","x beside n beside m: yard"]})");
}

TEST_F(ComparingViews, AreAskedAboutWhatArrivedEarlierThanWhatIsThere) {
  apply({meter("a", "hall")}, 10);
  apply({meter("a", "hall", "late")}, 0);
  EXPECT_EQ(asked(), R"("a hall hall"]})");
}

TEST_F(ComparingViews, AreAskedAboutDeletions) {
  apply({meter("a", "hall")});
  apply({R"({"id":"a"})"}, 1, "delete");
  EXPECT_EQ(asked(), R"("a hall deleted"]})");
  EXPECT_EQ(place_of("a"), "nothing");
  const std::int64_t remembered =
      meters_.redis().ask({"TTL", meters_.redis().prefix() + ":record:meter:a"}).number();
  EXPECT_GT(remembered, 0) << "for as long as what is older could be there";
  EXPECT_LE(remembered, 60);
}

SampleBatch at_one_moment(const std::string& upload, const std::string& records,
                          WallClock::time_point moment) {
  return {.parts = {{.upload = upload, .records = records, .received = rfc3339(moment)}}};
}

TEST_F(ComparingViews, AreAskedWhichCameFirstOfTwoOfTheSameMoment) {
  const std::string lesser = "01a2271a-0000-7000-8000-000000000000",
                    greater = "01a2271a-0000-7000-8000-00000000000f";
  const Group first =
      sample_group(meters_.kind(), {at_one_moment(greater, meter("a", "hall", "greater"), base_)});
  const Group second =
      sample_group(meters_.kind(), {at_one_moment(lesser, meter("a", "hall", "lesser"), base_)});
  meters_.apply_while(first, &second);
  meters_.apply_while(second, nullptr);
  EXPECT_EQ(place_of("a"), R"({"place":"hall","note":"greater"})");
  meters_.apply({at_one_moment(lesser, meter("b", "hall", "lesser"), base_),
                 at_one_moment(greater, meter("b", "hall", "greater"), base_),
                 at_one_moment(lesser, meter("b", "hall", "lesser"), base_)});
  EXPECT_EQ(place_of("b"), R"({"place":"hall","note":"greater"})");
}

TEST_F(ComparingViews, ADeletionBetweenTwoThatSayTheSameIsNotPassedOver) {
  const auto at = [&](int ms) { return base_ + std::chrono::milliseconds(ms); };
  SampleBatch deletion = at_one_moment(new_uuid_v7(), R"({"id":"a"})", at(3));
  deletion.parts[0].action = "delete";
  meters_.apply({at_one_moment(new_uuid_v7(), meter("a", "hall"), at(1)), deletion,
                 at_one_moment(new_uuid_v7(), meter("a", "hall", "late"), at(2))});
  EXPECT_EQ(place_of("a"), "nothing");
  apply({meter("a", "hall", "late")}, 0);
  EXPECT_EQ(place_of("a"), "nothing") << "in a group of its own, too";
  apply({meter("a", "hall", "again")}, 1);
  EXPECT_EQ(place_of("a"), R"({"place":"hall","note":"again"})");
}

TEST_F(ComparingViews, AnErrorLeavesOfThePartOnlyWhatTheyWereNotAskedAboutAndAllOfItsNeighbours) {
  apply({meter("a", "hall") + "," + meter("c", "hall")});
  asked();
  const auto results = apply(
      {meter("n", "hall") + "," + meter("c", "yard") + "," + meter("a", "nowhere"), meter("b", "hall")}, 1);
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].outcome, kFailed);
  EXPECT_THAT(results[0].reason, HasSubstr("record 2: "));
  EXPECT_EQ(results[1].outcome, kApplied);
  EXPECT_EQ(place_of("n"), R"({"place":"hall","note":""})") << "nothing is computed from it";
  EXPECT_EQ(place_of("c"), R"({"place":"hall","note":""})");
  EXPECT_EQ(asked(), "]}") << "what was computed of c is not there";
  EXPECT_THAT(meters_.ask("recent", R"({"limit":10})"), HasSubstr(R"("counters":{"records":3})"));
  EXPECT_EQ(place_of("a"), R"({"place":"hall","note":""})");
  EXPECT_EQ(place_of("b"), R"({"place":"hall","note":""})");
}

using Batches = std::vector<SampleBatch>;

/// That arrives behind those before it.
Batches one_batch(const std::string& records) {
  static WallClock::time_point last = WallClock::now();
  last += std::chrono::milliseconds(1);
  return {{.parts = {{.records = records, .received = rfc3339(last)}}}};
}

/// Some batches for meters that often come again, moved or not, late or deleted, and now and then at fault.
Batches random_batches(std::mt19937& random, WallClock::time_point now) {
  const auto below = [&](unsigned limit) { return random() % limit; };
  Batches batches(1 + below(3));
  for (SampleBatch& batch : batches) {
    const bool deletes = below(8) == 0;
    std::string records;
    for (unsigned i = 0; i <= below(4); ++i) {
      const std::string key(1, static_cast<char>('a' + below(6)));
      const std::string place = below(30) == 0  ? "nowhere"
                                : below(8) == 0 ? "wrong"
                                : below(4) == 0 ? "yard"
                                                : "hall";
      records += (i == 0 ? "" : ",") +
                 (deletes ? R"({"id":")" + key + R"("})" : meter(key, place, std::to_string(below(100))));
    }
    const auto received = rfc3339(now - std::chrono::milliseconds(below(10) == 0 ? 5'000 : 0));
    batch.parts = {{.records = records, .action = deletes ? "delete" : "", .received = received}};
  }
  return batches;
}

TEST_F(ComparingViews, AreAskedTheSameWhetherGroupsComeAloneOrBehindOneAnother) {
  constexpr int kGroups = 150;
  MeterStore behind_one_another;
  std::mt19937 random(7);
  std::vector<Batches> batches;
  std::vector<Group> groups;
  for (int i = 0; i < kGroups; ++i) {
    batches.push_back(random_batches(random, base_ + std::chrono::milliseconds(i)));
    groups.push_back(sample_group(behind_one_another.kind(), batches.back()));
  }
  for (int i = 0; i < kGroups; ++i) {
    // Now and then nothing is behind.
    const Group* next = i + 1 < kGroups && i % 10 != 9 ? &groups[i + 1] : nullptr;
    ASSERT_EQ(behind_one_another.apply_while(groups[i], next), meters_.apply(batches[i])) << "group " << i;
    ASSERT_EQ(behind_one_another.ask("asked"), meters_.ask("asked")) << "group " << i;
  }
  for (char key = 'a'; key < 'g'; ++key)
    EXPECT_EQ(behind_one_another.place_of({key}), meters_.place_of({key})) << key;
}

// A foreign hand, which no daemon need reckon with, shows what is not asked for.
TEST_F(ComparingViews, RedisIsNotAskedForWhatHasJustBeenWritten) {
  const Group first = sample_group(meters_.kind(), one_batch(meter("a", "hall") + "," + meter("b", "hall")));
  const Group second =
      sample_group(meters_.kind(), one_batch(meter("a", "hall", "2") + "," + meter("b", "yard")));
  const auto move_a = [&] {
    const std::string key = meters_.redis().prefix() + ":record:meter:a";
    meters_.redis().ask({"SETRANGE", key, "104", std::string(32, 'f')});
  };
  meters_.apply_while(first, &second, move_a);
  meters_.apply_while(second, nullptr);
  EXPECT_EQ(asked(), R"("b hall yard"]})");
  EXPECT_EQ(place_of("a"), R"({"place":"hall","note":"2"})");
}

TEST_F(ComparingViews, WhatAnotherDaemonWritesInBetweenIsSeen) {
  const Group first = sample_group(meters_.kind(), one_batch(meter("a", "hall")));
  const Group second = sample_group(meters_.kind(), one_batch(meter("a", "hall", "2")));
  RedisStore another = meters_.another_store();
  const auto move_a = [&] { another.apply(sample_group(meters_.kind(), one_batch(meter("a", "yard")))); };
  meters_.apply_while(first, &second, move_a);
  EXPECT_THROW(meters_.apply_while(second, nullptr), TransientError);
  EXPECT_EQ(asked(), R"("a hall yard"]})");
  EXPECT_THAT(meters_.apply_while(second, nullptr), ElementsAre(kApplied));
  EXPECT_EQ(asked(), R"(,"a yard hall"]})");
}

TEST_F(ComparingViews, MayNotRefuse) {
  apply({meter("a", "hall")});
  const auto results = apply({meter("a", "refused")}, 1);
  EXPECT_THAT(results[0].reason, HasSubstr("a kind that compares cannot refuse"));
}

}  // namespace
}  // namespace comporta
