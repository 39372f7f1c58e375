#include "services/cache/lookups/desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/cache/memory_known_answers.h"
#include "tests/support/cache/sample_lookup.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;
using enum LookupAnswer::Outcome;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr const char* kGood = R"({"statusCode":200,"body":{"credit":7}})";

class LookupDeskTest : public ::testing::Test {
 protected:
  /// Somebody asks about `whom`. What they are answered lies in `said`, in that order.
  void ask(const std::string& whom, bool is_given_up = false) {
    desk.take({question(whom, is_given_up)}, now);
  }
  LookupQuestion question(const std::string& whom, bool is_given_up = false) {
    return {.lookup = &lookup,
            .url = "https://provider.example/" + whom,
            .key = whom,
            .answer = [this](LookupAnswer answer) { said.push_back(std::move(answer)); },
            .is_given_up = [is_given_up] { return is_given_up; }};
  }
  void end_call(std::size_t call, std::string body = kGood, int status = 200) {
    desk.end({.token = calls.at(call).first, .status = status, .body = std::move(body)}, now);
  }
  void fail_call(std::size_t call) { end_call(call, "", 500); }
  void pass(std::chrono::milliseconds time) {
    now.steady += time;
    now.wall += time;
  }
  std::vector<LookupAnswer::Outcome> outcomes() const {
    std::vector<LookupAnswer::Outcome> all;
    for (const LookupAnswer& answer : said) all.push_back(answer.outcome);
    return all;
  }
  std::string counted(const std::string& outcome) const {
    const std::string text = metrics.render();
    const std::string name = "outcome=\"" + outcome + "\"} ";
    const std::size_t at = text.find(name) + name.size();
    return text.substr(at, text.find('\n', at) - at);
  }

  const Lookup lookup = sample_lookup("cashback");  // known for 1 h, stale for 24 h
  Metrics metrics;
  MemoryKnownAnswers known;
  std::vector<std::pair<std::uint64_t, OutgoingRequest>> calls;
  std::vector<LookupAnswer> said;
  LookupDesk::Moment now{LookupDesk::Clock::time_point(1h), WallClock::time_point(1'800'000'000s)};
  LookupDesk desk{
      {&lookup},
      30s,
      [this](std::uint64_t token, const OutgoingRequest& request) { calls.emplace_back(token, request); },
      known,
      metrics};
};

TEST_F(LookupDeskTest, OneCallIsForAllWhoAskForTheSame) {
  ask("a");
  ask("a");
  desk.take({question("a"), question("b"), question("a")}, now);
  ASSERT_THAT(calls, SizeIs(2));
  EXPECT_EQ(calls[0].second.url, "https://provider.example/a");
  end_call(0);
  EXPECT_THAT(outcomes(), ElementsAre(kFetched, kFetched, kFetched, kFetched));
  EXPECT_EQ(said[0].json, R"({"credit":7,"fetched_at":"2027-01-15T08:00:00.000Z","stale":false})");
  EXPECT_EQ(known.ttls.at("a"), 25h);
}

TEST_F(LookupDeskTest, WhatIsKnownIsAnsweredUntilItsTimeIsOver) {
  ask("a");
  end_call(0);
  pass(1h - 1ms);
  ask("a");
  EXPECT_THAT(outcomes(), ElementsAre(kFetched, kKnown));
  EXPECT_EQ(said[1].json, said[0].json);
  pass(1ms);
  ask("a");
  EXPECT_THAT(calls, SizeIs(2));
}

TEST_F(LookupDeskTest, WithoutTheProviderWhatIsKnownIsStaleUntilThatIsOverToo) {
  ask("a");
  end_call(0);
  pass(1h);
  ask("a");
  fail_call(1);
  EXPECT_EQ(said[1].outcome, kStale);
  EXPECT_EQ(said[1].json, R"({"credit":7,"fetched_at":"2027-01-15T08:00:00.000Z","stale":true})");
  pass(24h - 1ms);
  ask("a");
  fail_call(2);
  pass(1ms);
  ask("a");
  fail_call(3);
  EXPECT_THAT(outcomes(), ElementsAre(kFetched, kStale, kStale, kNothing));
  EXPECT_EQ(said[3].come_again, 1s);
  EXPECT_EQ(counted("stale"), "2");
  EXPECT_EQ(counted("nothing"), "1");
}

TEST_F(LookupDeskTest, AFewAreAskedAtATimeAFewWaitAndTheRestComesAgain) {
  for (int i = 0; i < 17; ++i) ask(std::to_string(i));
  EXPECT_THAT(calls, SizeIs(8));
  EXPECT_THAT(outcomes(), ElementsAre(kNothing)) << "the last of them";
  ask("12");
  EXPECT_THAT(said, SizeIs(1)) << "waits with the one who asks for the same";
  for (std::size_t call = 0; call < 16; ++call) {
    end_call(call);
    EXPECT_EQ(calls.size(), std::min<std::size_t>(16, call + 9));
  }
  EXPECT_EQ(calls[8].second.url, "https://provider.example/8") << "the first to come is the first to go";
  EXPECT_THAT(said, SizeIs(18));
}

TEST_F(LookupDeskTest, ForThoseWhoHaveGivenUpNobodyIsAsked) {
  for (int i = 0; i < 8; ++i) ask(std::to_string(i));
  ask("left", true);
  ask("stays");
  end_call(0);
  ASSERT_THAT(calls, SizeIs(9));
  EXPECT_EQ(calls[8].second.url, "https://provider.example/stays");
}

TEST_F(LookupDeskTest, WhoKeepsFailingIsLeftAlone) {
  for (int i = 0; i < 10; ++i) ask(std::to_string(i));
  for (std::size_t call = 0; call < 5; ++call) fail_call(call);
  EXPECT_THAT(calls, SizeIs(10)) << "those who waited went out meanwhile";
  ask("more");
  EXPECT_THAT(calls, SizeIs(10));
  EXPECT_EQ(said.back().come_again, 30s);
  pass(30s);
  ask("try");
  ask("other");
  EXPECT_THAT(calls, SizeIs(11));
  end_call(10);
  EXPECT_THAT(outcomes(),
              ElementsAre(kNothing, kNothing, kNothing, kNothing, kNothing, kNothing, kNothing, kFetched));
  ask("again");
  EXPECT_THAT(calls, SizeIs(12));
}

TEST_F(LookupDeskTest, ThoseWhoWaitAreToldWhenItIsLeftAlone) {
  for (int i = 0; i < 4; ++i) {
    ask("one");
    fail_call(calls.size() - 1);
  }
  said.clear();
  for (int i = 0; i < 9; ++i) ask(std::to_string(i));
  fail_call(4);
  EXPECT_THAT(outcomes(), ElementsAre(kNothing, kNothing)) << "the one that failed, and the one that waited";
  EXPECT_THAT(calls, SizeIs(12));
}

TEST_F(LookupDeskTest, AllAreAnsweredAtTheEnd) {
  for (int i = 0; i < 12; ++i) ask(std::to_string(i));
  desk.close(now);
  EXPECT_THAT(outcomes(), SizeIs(12));
  EXPECT_THAT(outcomes(), Each(kNothing));
}

TEST_F(LookupDeskTest, CallsAndAnswersAreCounted) {
  ask("a");
  pass(70ms);
  end_call(0);
  ask("a");
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("comporta_lookup_call_seconds_count{kind=\"sale\",lookup=\"cashback\"} 1"));
  EXPECT_THAT(text, HasSubstr("le=\"0.05\"} 0"));
  EXPECT_THAT(text, HasSubstr("le=\"0.1\"} 1"));
  EXPECT_EQ(counted("known"), "1");
  EXPECT_EQ(counted("fetched"), "1");
}

}  // namespace
}  // namespace comporta
