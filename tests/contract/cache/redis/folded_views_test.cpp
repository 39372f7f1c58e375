// Views that compare folded texts, by the kind of the transactions.

#include <gtest/gtest.h>

#include "tests/contract/cache/redis/asked_kinds.h"

namespace comporta {
namespace {

using std::chrono::seconds;

class FoldedViews : public ::testing::Test {
 protected:
  void arrive(AskedKinds& kinds, const std::string& client, const std::string& place) {
    now_ += seconds(1);
    const std::string record = R"({"_id":")" + client + R"(","isActive":true,"endereco":")" + place +
                               R"(","datatrasancao":"2024-03-11T12:00:00Z"})";
    EXPECT_EQ(kinds.apply("transaction", record, now_), PartOutcome::kApplied);
  }
  bool is_suspect(AskedKinds& kinds, const std::string& client) {
    return kinds.ask("transaction", "check-fraud", R"({"transactionId":")" + client + R"("})", now_) ==
           R"({"isFraud":true})";
  }
  /// What the cache has of the client, as if it had been kept before the kind folded.
  static void unfold(AskedKinds& kinds, const std::string& client) {
    RedisAccess& redis = kinds.redis();
    std::string text(redis.ask({"GET", redis.record_key(client)}).text());
    const std::size_t from = text.find('[');
    ASSERT_NE(from, std::string::npos);
    text.erase(from, text.find('{') - from);
    text.replace(text.find('{') - kFingerprintBytes, kFingerprintBytes, kFingerprintBytes, 'f');
    redis.ask({"SET", redis.record_key(client), text, "KEEPTTL"});
  }

  WallClock::time_point now_ = WallClock::now();
};

TEST_F(FoldedViews, OfACityDoNotMindWhichHouse) {
  AskedKinds kinds("kinds", {"transaction", "compare: address", "compare: city"});
  arrive(kinds, "a", "Recife, Pernambuco, 120");
  arrive(kinds, "a", " RECIFE ,pernambuco,  7");
  arrive(kinds, "a", "Recife, Pernambuco");
  EXPECT_FALSE(is_suspect(kinds, "a"));
  arrive(kinds, "a", "Recife, Bahia, 7");
  EXPECT_TRUE(is_suspect(kinds, "a"));
  arrive(kinds, "b", "Santana do Livramento");
  arrive(kinds, "b", "SANTANA DO  LIVRAMENTO");
  EXPECT_FALSE(is_suspect(kinds, "b")) << "an address without commas is all of it";
}

TEST_F(FoldedViews, OfAnAddressMindIt) {
  AskedKinds kinds("kinds");
  arrive(kinds, "a", "Recife, Pernambuco, 120");
  arrive(kinds, "a", "Recife, Pernambuco, 121");
  EXPECT_TRUE(is_suspect(kinds, "a"));
}

TEST_F(FoldedViews, AreGivenWhatWasKeptWithoutAsItCame) {
  AskedKinds kinds("kinds");
  arrive(kinds, "a", "Recife, Pernambuco, 120");
  arrive(kinds, "b", "Recife, Pernambuco, 120");
  unfold(kinds, "a");
  unfold(kinds, "b");
  arrive(kinds, "a", "Recife, Pernambuco, 120");
  arrive(kinds, "b", "Natal, Rio Grande do Norte, 80");
  EXPECT_FALSE(is_suspect(kinds, "a"));
  EXPECT_TRUE(is_suspect(kinds, "b"));
}

TEST_F(FoldedViews, OfACityThatWasKeptWithoutDoNotMindWhichHouseEither) {
  AskedKinds kinds("kinds", {"transaction", "compare: address", "compare: city"});
  arrive(kinds, "a", "Recife, Pernambuco, 120");
  unfold(kinds, "a");
  arrive(kinds, "a", "Recife, Pernambuco, 7");
  EXPECT_FALSE(is_suspect(kinds, "a"));
}

}  // namespace
}  // namespace comporta
