#include "services/cache/reactions/desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/json/rapid.h"
#include "tests/support/cache/memory_outbox.h"
#include "tests/support/cache/sample_reaction.h"
#include "tests/support/kept_spans.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr char kWith[] = R"({"order":"o1","on":"2026-11-29","items":[],"count":0})";
constexpr char kGood[] = R"({"status":"open"})";
constexpr char kRecords[] = "http://gateway/api/v1/records/payment";

class ReactionDeskTest : public ::testing::Test {
 protected:
  void add(const std::string& id, const std::string& with = kWith) { outbox.entries[id] = {"charge", with}; }
  void work() { desk.work(now); }
  void pass(std::chrono::milliseconds time) {
    now += time;
    work();
  }
  /// The last one that was made ends, and what is due then begins.
  void answer(int status, const std::string& body = kGood) {
    desk.end({.token = calls.back().first, .status = status, .body = body}, now);
    work();
  }
  const OutgoingRequest& last() const { return calls.back().second; }
  ReactionState state(const std::string& id) const { return ReactionState::read(outbox.states.at(id)); }
  std::string metric(const std::string& name) const {
    const std::string text = metrics.render();
    const std::size_t at = text.find("\n" + name + "{") + 1;
    const std::size_t begin = text.find("} ", at) + 2;
    return text.substr(begin, text.find('\n', begin) - begin);
  }

  const Reaction reaction = sample_reaction("charge");  // three tries
  Metrics metrics;
  MemoryOutbox outbox;
  test::KeptSpans spans;
  std::vector<std::pair<std::uint64_t, OutgoingRequest>> calls;
  WallMs now{1'800'000'000s};
  std::optional<std::string> token = "the-token-of-the-outcome";
  ReactionDesk desk = make_desk();

  ReactionDesk make_desk() {
    return ReactionDesk(
        {&reaction}, {.gateway = "http://gateway", .pause = 3s},
        {.calls = [this](std::uint64_t number,
                         const OutgoingRequest& request) { calls.emplace_back(number, request); },
         .tokens = [this](const std::string&) { return token; },
         .draw = [] { return 0.5; },
         .spans = &spans},
        outbox, metrics);
  }
};

TEST_F(ReactionDeskTest, SomebodyIsAskedAndWhatTheySaidIsUploaded) {
  add("a");
  work();
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_THAT(last().url, StartsWith("https://provider.example/v1/orders/o1"));
  EXPECT_EQ(last().headers.at("X-Idempotency-Key"), "a");
  answer(201);
  ASSERT_THAT(calls, SizeIs(2));
  EXPECT_EQ(last().url, kRecords);
  EXPECT_EQ(last().headers.at("Idempotency-Key"), "a");
  EXPECT_EQ(last().headers.at("Authorization"), "Bearer the-token-of-the-outcome");
  EXPECT_EQ(*last().body, R"([{"count":1,"id":"a","order":"o1","status":"open"}])");
  answer(202);
  EXPECT_THAT(calls, SizeIs(2)) << "it is waited for until that is applied";
  EXPECT_EQ(metric("comporta_reactions_waiting"), "1");
  outbox.entries.clear();
  work();
  EXPECT_THAT(outbox.states, IsEmpty());
  EXPECT_EQ(metric("comporta_reactions_waiting"), "0");
  EXPECT_THAT(metrics.render(),
              HasSubstr(R"(comporta_reactions_total{kind="order",outcome="done",reaction="charge"} 1)"));
}

TEST_F(ReactionDeskTest, WhoDoesNotAnswerIsAskedAgainAfterGrowingPausesAndThenItHasFailed) {
  add("a");
  work();
  answer(503);
  EXPECT_THAT(calls, SizeIs(1));
  pass(3s - 1ms);
  EXPECT_THAT(calls, SizeIs(1));
  pass(1ms);
  ASSERT_THAT(calls, SizeIs(2));
  EXPECT_EQ(last().headers.at("X-Idempotency-Key"), "a") << "under the same key";
  answer(0);
  pass(9s);
  ASSERT_THAT(calls, SizeIs(3));
  EXPECT_EQ(state("a").tries, 2);
  answer(429);
  ASSERT_THAT(calls, SizeIs(4));
  EXPECT_EQ(*last().body, R"([{"id":"a","order":"o1","reason":"it answers 429","status":"failed"}])");
  answer(202);
  EXPECT_THAT(metrics.render(), HasSubstr(R"(outcome="failed",reaction="charge"} 1)"));
}

TEST_F(ReactionDeskTest, WhatIsSampledGoesOnInItsTrace) {
  const std::string part = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  add("a");
  outbox.entries["a"].trace = part;
  add("b");
  work();
  ASSERT_THAT(calls, SizeIs(2));
  for (const auto& [number, request] : calls)
    EXPECT_FALSE(request.headers.contains("traceparent")) << "it is nobody else's business";
  desk.end({.token = calls[0].first, .status = 201, .body = kGood}, now);
  desk.end({.token = calls[1].first, .status = 201, .body = kGood}, now);
  work();
  ASSERT_THAT(calls, SizeIs(4));
  EXPECT_FALSE(calls[3].second.headers.contains("traceparent"));
  const std::string sent = calls[2].second.headers.at("traceparent");
  desk.end({.token = calls[2].first, .fault = "it is away"}, now);
  ASSERT_THAT(spans.all(), SizeIs(2));
  const Span react = spans.named("react");
  const Span outcome = spans.named("outcome");
  EXPECT_EQ(react.parent, "b7ad6b7169203331");
  EXPECT_EQ(test::attribute(react, "http.response.status_code"), "201");
  EXPECT_EQ(test::attribute(react, "comporta.reaction"), "charge");
  EXPECT_FALSE(react.failed);
  EXPECT_EQ(sent, "00-0af7651916cd43dd8448eb211c80319c-" + outcome.id + "-01");
  EXPECT_TRUE(outcome.failed);
}

TEST_F(ReactionDeskTest, WhatWouldBeAnsweredTheSameAgainIsNotAskedAgain) {
  add("a");
  work();
  answer(400);
  ASSERT_THAT(calls, SizeIs(2));
  EXPECT_THAT(*last().body, HasSubstr("it answers 400"));
}

TEST_F(ReactionDeskTest, WhatCannotBeAskedHasFailed) {
  add("a", R"({"order":"o1"})");
  work();
  work();
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_EQ(last().url, kRecords);
  EXPECT_THAT(*last().body, HasSubstr("a value of its address is missing"));
}

TEST_F(ReactionDeskTest, WhoGoesOnUploadsWhatAnotherHasBeenTold) {
  add("a");
  work();
  answer(201);
  desk.drop();
  calls.clear();
  work();
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_EQ(last().url, kRecords) << "nobody is asked again";
}

TEST_F(ReactionDeskTest, WhoGoesOnWithoutKnowingWhatWasSaidAsksAgainUnderTheSameKey) {
  add("a");
  work();
  desk.drop();
  desk.end({.token = calls.back().first, .status = 201, .body = kGood}, now);
  work();
  ASSERT_THAT(calls, SizeIs(2));
  EXPECT_EQ(calls[0].second.url, calls[1].second.url);
  EXPECT_EQ(calls[0].second.headers, calls[1].second.headers);
  EXPECT_EQ(*calls[0].second.body, *calls[1].second.body);
}

TEST_F(ReactionDeskTest, WhoGoesOnKnowsTheTriesOfAnother) {
  add("a");
  work();
  answer(500);
  pass(3s);
  answer(500);
  desk.drop();
  pass(9s);
  answer(500);
  EXPECT_EQ(last().url, kRecords) << "that was the third";
}

TEST_F(ReactionDeskTest, AGatewayThatDoesNotTakeItIsAskedAgain) {
  add("a");
  work();
  answer(201);
  for (const int status : {0, 503, 401, 403}) {
    const std::size_t before = calls.size();
    answer(status);
    EXPECT_THAT(calls, SizeIs(before));
    pass(1h);
    ASSERT_THAT(calls, SizeIs(before + 1));
    EXPECT_EQ(last().url, kRecords);
  }
  EXPECT_THAT(metrics.render(), HasSubstr(R"(outcome="done",reaction="charge"} 0)"));
}

TEST_F(ReactionDeskTest, AnAnswerThatIsNoRecordToItsKindHasFailed) {
  add("a");
  work();
  answer(201, R"({"status":[]})");
  answer(422);
  EXPECT_THAT(*last().body, HasSubstr(R"("reason":"the record that it becomes is refused: 422")"));
  answer(422);
  EXPECT_THAT(calls, SizeIs(3)) << "and if that is none, either, it waits";
  EXPECT_EQ(state("a").error, "the gateway answers 422");
}

TEST_F(ReactionDeskTest, WhatIsUploadedAndNotAppliedIsUploadedAgain) {
  add("a");
  work();
  answer(201);
  answer(202);
  pass(59s);
  EXPECT_THAT(calls, SizeIs(2));
  pass(1s);
  ASSERT_THAT(calls, SizeIs(3));
  EXPECT_EQ(*calls[2].second.body, *calls[1].second.body);
  answer(409);
  EXPECT_THAT(metrics.render(), HasSubstr(R"(outcome="done",reaction="charge"} 1)")) << "counted once";
}

TEST_F(ReactionDeskTest, NothingIsUploadedWithoutAKeyThatSigns) {
  add("a");
  token.reset();
  work();
  answer(201);
  EXPECT_THAT(calls, SizeIs(1));
  EXPECT_EQ(state("a").error, "no key signs tokens");
  token = "again";
  pass(60s);
  EXPECT_THAT(calls, SizeIs(2));
}

TEST_F(ReactionDeskTest, AFewAreAskedAtATime) {
  for (int i = 0; i < 20; ++i) add(std::to_string(i));
  work();
  EXPECT_THAT(calls, SizeIs(8));
  EXPECT_EQ(desk.under_way(), 8U);
  work();
  EXPECT_THAT(calls, SizeIs(8));
  answer(503);
  EXPECT_THAT(calls, SizeIs(9)) << "one that waits does not hold others up";
}

TEST_F(ReactionDeskTest, TheOperatorGivesUp) {
  add("a");
  work();
  outbox.given_orders["a"] = "give-up";
  work();
  EXPECT_THAT(outbox.given_orders, SizeIs(1)) << "not while somebody is asked";
  answer(503);
  EXPECT_THAT(outbox.given_orders, IsEmpty());
  ASSERT_THAT(calls, SizeIs(2));
  EXPECT_THAT(*last().body, HasSubstr(R"("reason":"given up")"));
}

TEST_F(ReactionDeskTest, TheOperatorTriesAgainAtOnceAndAsOftenAsAtFirst) {
  add("a");
  work();
  answer(503);
  outbox.given_orders["a"] = "retry";
  work();
  EXPECT_THAT(calls, SizeIs(2));
  answer(503);
  EXPECT_EQ(state("a").tries, 1);
}

TEST_F(ReactionDeskTest, TheOperatorTriesAgainWhatHasFailedAsLongAsNobodyHasTakenThat) {
  add("a");
  work();
  answer(400);
  answer(503);
  outbox.given_orders["a"] = "retry";
  work();
  EXPECT_THAT(last().url, StartsWith("https://provider.example"));
}

TEST_F(ReactionDeskTest, AnOrderAboutNothingThatWaitsIsOver) {
  outbox.given_orders["gone"] = "retry";
  work();
  EXPECT_THAT(outbox.given_orders, IsEmpty());
}

TEST_F(ReactionDeskTest, WithoutTheOutboxNothingIsToldOfAnAnswer) {
  add("a");
  work();
  outbox.is_away = true;
  EXPECT_THROW(desk.end({.token = calls.back().first, .status = 201, .body = kGood}, now), TransientError);
  desk.drop();
  outbox.is_away = false;
  work();
  EXPECT_THAT(last().url, Not(testing::Eq(kRecords)));
}

TEST_F(ReactionDeskTest, WhatIsPushedOutOfSightIsNotForgotten) {
  outbox.in_sight = 1;
  add("b");
  work();
  answer(503);
  add("a");
  work();
  EXPECT_THAT(calls, SizeIs(2));
  EXPECT_EQ(state("b").tries, 1);
  pass(3s);
  EXPECT_EQ(last().headers.at("X-Idempotency-Key"), "b");
}

TEST_F(ReactionDeskTest, SaysHowLongTheOldestHasWaited) {
  add("a");
  outbox.oldest = now - 90s;
  work();
  EXPECT_EQ(metric("comporta_reactions_oldest_seconds"), "90");
  desk.drop();
  EXPECT_EQ(metric("comporta_reactions_oldest_seconds"), "0");
}

}  // namespace
}  // namespace comporta
