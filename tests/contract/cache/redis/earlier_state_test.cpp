// What the release before kept in Redis of a shop, and how its views go on from there without a replay. Keys
// and values are as that release wrote them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/cache/redis/asked_kinds.h"

namespace comporta {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr char kCard[] = R"("credit_card":{"card_number":"**** **** **** 1486"})";
constexpr char kNothingRefused[] = R"({"kind":"order","records":[]})";

std::string order(const std::string& id, const std::string& product) {
  return R"({"id":")" + id + R"(","client":"ana","products":[")" + product + R"("],)" + kCard + "}";
}

std::string product(const std::string& id, int price) {
  return R"({"id":")" + id + R"(","title":"x","price":)" + std::to_string(price) + R"(,"seller":"padaria"})";
}

std::string revenue(int cents) {
  return R"({"seller_id":"padaria","total_received":)" + std::to_string(cents) + "}";
}

class EarlierState : public ::testing::Test {
 protected:
  EarlierState() {
    keep("record:product:pao", header() + R"({"title":"x","price":1500,"seller":"padaria"})");
    keep_counted();
    keep("view:order:value:counted:cancelled", "@" + std::to_string(kThen + 2'592'000'000) +
                                                   R"( {"arrival":)" + arrival() + R"(,"cancelled":true})");
    for (const std::string id : {"waits", "with a blank", "replaced", "deleted"}) keep_waiting(id);
  }

  void keep_counted() {
    keep("record:order:counted", header() + R"({"client":"ana","products":["pao"],)" + kCard + "}");
    keep("view:order:value:counted:counted", R"({"total":1000,"time":)" + arrival() +
                                                 R"(,"card":"**** **** **** 1486","arrival":)" + arrival() +
                                                 R"(,"client":"ana","by_seller":{"padaria":1000}})");
    rank("view:order:sorted:purchases:ana", arrival(), "counted");
    rank("view:order:sorted:revenue", "1000", "padaria");
    keep("view:order:value:orders:padaria", "1");
    rank("view:order:sorted:days", "20260312", "2026-03-12");
    keep("view:order:value:day-orders:2026-03-12", "1");
    keep("view:order:value:day-cents:2026-03-12", "1000");
  }
  void keep_waiting(const std::string& id) {
    const std::string text = header() + R"({"client":"jose","products":["torta"],)" + kCard + "}";
    keep("view:order:refused:" + id,
         R"({"kind":"product","key":"torta","reason":"there is no product torta","text":)" +
             json_string(text) + "}");
    rank("view:order:refused", arrival(), id);
    rank("view:product:waiting:torta", arrival(), "order " + id);
  }

  static std::string arrival() { return std::to_string(kThen); }
  static std::string header() {
    return "000" + arrival() + std::string(16, ' ') + "019cdfd4-1580-7000-8000-00000000000a" +
           "019cdfd4-1580-7000-8000-00000000000b";
  }
  void keep(const std::string& key, const std::string& text) {
    shop_.redis().ask({"SET", shop_.redis().prefix() + ":" + key, text});
  }
  void rank(const std::string& key, const std::string& score, const std::string& member) {
    shop_.redis().ask({"ZADD", shop_.redis().prefix() + ":" + key, score, member});
  }
  void apply(const std::string& kind, const std::string& records, int after = 60,
             const std::string& action = {}) {
    const PartResult result = shop_.apply(
        kind, records, WallClock::time_point(std::chrono::milliseconds(kThen)) + seconds(after), action);
    EXPECT_EQ(result, PartOutcome::kApplied) << result.reason;
  }
  std::string revenue_of_seller() { return shop_.ask("order", "revenue", R"({"seller":"padaria"})"); }
  std::string days() { return shop_.ask("order", "by-day", R"({"limit":10})"); }

  static constexpr std::int64_t kThen = 1'773'280'800'000;  // 2026-03-12T02:00:00Z, the 11th in the shop
  AskedKinds shop_{"kinds"};
};

TEST_F(EarlierState, APurchaseDoesNotSayWhenItWasCounted) {
  EXPECT_EQ(shop_.ask("order", "purchases", R"({"client":"ana","limit":10})"),
            R"({"purchases":[{"card":"**** **** **** 1486","counted_at":null,)"
            R"("date":"2026-03-12T02:00:00.000Z","id":"counted","total":1000}]})");
}

TEST_F(EarlierState, AnOrderThatComesUnchangedStaysAsItWasCounted) {
  apply("order", order("counted", "pao"));
  EXPECT_EQ(revenue_of_seller(), revenue(1000));
  EXPECT_EQ(days(), R"({"days":[{"date":"2026-03-12","orders":1,"total":1000}]})");
}

TEST_F(EarlierState, AChangedOrderIsTakenOutOfTheDayThatItWasCountedIn) {
  apply("product", product("bolo", 700));
  apply("order", order("counted", "bolo"));
  EXPECT_EQ(revenue_of_seller(), revenue(700));
  EXPECT_EQ(days(), R"({"days":[{"date":"2026-03-11","orders":1,"total":700}]})");
}

TEST_F(EarlierState, ACancelledOrderCanBeSetAndDeletedAgain) {
  apply("order", order("cancelled", "pao"), -60);
  EXPECT_EQ(revenue_of_seller(), revenue(1000)) << "a version from before it was cancelled";
  apply("order", order("cancelled", "pao"), 60);
  EXPECT_EQ(revenue_of_seller(), revenue(2500));
  apply("order", R"({"id":"cancelled"})", 120, "delete");
  EXPECT_EQ(revenue_of_seller(), revenue(1000));
}

TEST_F(EarlierState, ACancelledOrderCanBeDeletedOnceMore) {
  apply("order", R"({"id":"cancelled"})", 60, "delete");
  EXPECT_EQ(revenue_of_seller(), revenue(1000));
}

TEST_F(EarlierState, OrdersThatWaitAreCountedWhenTheirProductComes) {
  EXPECT_THAT(shop_.ask("order", "refused", R"({"limit":10})"), HasSubstr(R"("key":"waits")"));
  apply("product", product("torta", 10));
  EXPECT_EQ(revenue_of_seller(), revenue(1040));
  EXPECT_EQ(shop_.ask("order", "refused", R"({"limit":10})"), kNothingRefused);
}

TEST_F(EarlierState, OrdersThatWaitCanBeReplacedAndDeleted) {
  apply("order", order("replaced", "pao"), 60);
  apply("order", R"({"id":"deleted"})", 60, "delete");
  EXPECT_EQ(revenue_of_seller(), revenue(2500));
  apply("product", product("torta", 10), 120);
  EXPECT_EQ(revenue_of_seller(), revenue(2520));
  EXPECT_EQ(shop_.ask("order", "refused", R"({"limit":10})"), kNothingRefused);
}

// As when its other product is not there yet.
TEST_F(EarlierState, AnOrderThatWaitsForAnotherProductInTurnIsCountedWhenThatComes) {
  const std::string text = header() + R"({"client":"jose","products":["torta","bolo"],)" + kCard + "}";
  keep("view:order:refused:waits",
       R"({"kind":"product","key":"torta","reason":"there is no product torta","text":)" + json_string(text) +
           "}");
  apply("product", product("torta", 10), 60);
  EXPECT_EQ(revenue_of_seller(), revenue(1030));
  apply("product", product("bolo", 700), 120);
  EXPECT_EQ(revenue_of_seller(), revenue(1740));
}

}  // namespace
}  // namespace comporta
