// A kind that compares: what its views are asked about, and that the rest is kept all the same.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/cache/meter_store.h"

namespace comporta {
namespace {

using enum PartOutcome;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ComparingViews : public ::testing::Test {
 protected:
  /// A batch for each text of records; they arrive at the same moment, some seconds after `base_`.
  std::vector<PartResult> apply(const std::vector<std::string>& texts, int seconds = 0,
                                const std::string& action = {}) {
    std::vector<SampleBatch> batches;
    const std::string received = rfc3339(base_ + std::chrono::seconds(seconds));
    for (const std::string& records : texts)
      batches.push_back({.parts = {{.records = records, .action = action, .received = received}}});
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

TEST_F(ComparingViews, MayNotRefuse) {
  apply({meter("a", "hall")});
  const auto results = apply({meter("a", "refused")}, 1);
  EXPECT_THAT(results[0].reason, HasSubstr("a kind that compares cannot refuse"));
}

}  // namespace
}  // namespace comporta
