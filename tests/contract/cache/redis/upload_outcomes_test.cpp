// What is told of an upload: who sent it, what of it is applied, and what is not.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/cache/redis/meter_store.h"
#include "tests/contract/cache/redis/people_redis.h"

namespace comporta {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr std::int64_t kDayMs = 24 * 60 * 60 * 1'000;

std::string notes(int count, const std::string& more) {
  std::string all;
  for (int i = 0; i < count; ++i)
    all += (i == 0 ? "" : ",") + (R"({"id":"n)" + std::to_string(i) + R"(","by":"ana",)" + more + "}");
  return all;
}

class UploadOutcomes : public ::testing::Test {
 protected:
  std::int64_t life_ms(const std::string& upload) {
    return people_.redis().ask({"PTTL", people_.redis().prefix() + ":outcome:" + upload}).number();
  }

  PeopleRedis people_;
};

TEST_F(UploadOutcomes, SayWhoSentItAndWhatIsAppliedWhateverTheKind) {
  const auto expected =
      UnorderedElementsAre(Pair("principal", "member/ana"), Pair("parts", "1"), Pair("part:1", "2"));
  EXPECT_THAT(people_.send("note", {notes(2, R"("say":"hello")"), "member/ana"}), expected);
  EXPECT_THAT(people_.send("pass", {notes(2, R"("say":"hello")"), "member/ana"}), expected);
  EXPECT_THAT(people_.send("tag", {notes(2, R"("say":"hello")"), "member/ana"}), expected);
  EXPECT_THAT(people_.send("plain", {notes(2, R"("say":"hello")"), "member/ana"}), expected);
  EXPECT_THAT(people_.send("note", {.records = R"({"id":"n0"})", .by = "member/ana", .action = "delete"}),
              UnorderedElementsAre(Pair("principal", "member/ana"), Pair("parts", "1"), Pair("part:1", "1")));
}

TEST_F(UploadOutcomes, AreNotKeptOfWhatNobodySentAndIsApplied) {
  EXPECT_THAT(people_.send("tag", {.records = notes(2, R"("say":"hello")")}), IsEmpty());
  EXPECT_THAT(people_.send("plain", {.records = notes(2, R"("say":"hello")")}), IsEmpty());
  EXPECT_THAT(people_.send("tag", {.records = notes(2, R"("say":"hello")"), .at = -1'000}),
              Contains(Key("0")))
      << "these are late";
}

TEST_F(UploadOutcomes, AreKeptForADayFromTheArrival) {
  people_.send("note", {notes(1, R"("say":"hello")"), "member/ana"});
  EXPECT_THAT(life_ms(people_.last_upload()),
              ::testing::AllOf(::testing::Gt(kDayMs - 600'000), ::testing::Le(kDayMs)));
  people_.send("plain", {notes(1, R"("say":"hello")"), "member/ana"});
  EXPECT_THAT(life_ms(people_.last_upload()),
              ::testing::AllOf(::testing::Gt(kDayMs - 600'000), ::testing::Le(kDayMs)));
  for (const char* kind : {"note", "plain"})
    EXPECT_THAT(
        people_.send(kind, {notes(1, R"("say":"hello")"), "member/ana", {}, -static_cast<int>(kDayMs) - 1}),
        IsEmpty())
        << "as in a replay";
}

TEST_F(UploadOutcomes, NumberRecordsByTheirPlaceInTheUploadAndListAHundred) {
  SamplePart one = PeopleRedis::part({notes(60, R"("say":"no")"), "member/ana"});
  one.parts = 3;
  SamplePart two = PeopleRedis::part({notes(60, R"("say":"no")"), "member/ana"});
  two.upload = one.upload, two.part = 2, two.parts = 3, two.first = 60;
  SamplePart three = PeopleRedis::part({notes(60, R"("say":"yes")"), "member/ana"});
  three.upload = one.upload, three.part = 3, three.first = 120;
  people_.apply("note", {{.parts = {two}}, {.parts = {one, three}}});
  const auto outcome = people_.outcome(one.upload);
  EXPECT_EQ(outcome.size(), 100U + 6);
  for (int index : {0, 39, 60, 119}) EXPECT_THAT(outcome, Contains(Key(std::to_string(index))));
  for (int index : {40, 120}) EXPECT_THAT(outcome, Not(Contains(Key(std::to_string(index)))));
  EXPECT_THAT(outcome, Contains(Pair("more", "20")));
  EXPECT_THAT(outcome, Contains(Pair("part:3", "60")));
  EXPECT_THAT(outcome, Contains(Pair("61", R"({"key":"n1","outcome":"refused","reason":"it says no"})")));
}

TEST_F(UploadOutcomes, TellNoMoreOfOneThatWaitedOnceItIsApplied) {
  SamplePart part = PeopleRedis::part({notes(150, R"("say":"hello","needs":"t")"), "member/ana"});
  part.part = 2, part.first = 1'000;
  people_.apply("note", {{.parts = {part}}});
  EXPECT_THAT(people_.outcome(part.upload), Contains(Pair("1099", HasSubstr("there is no tag t"))));
  EXPECT_THAT(people_.outcome(part.upload), Contains(Pair("more", "50")));
  people_.send("tag", {.records = R"({"id":"t"})", .at = 1'000});
  EXPECT_THAT(people_.outcome(part.upload),
              UnorderedElementsAre(Pair("principal", "member/ana"), Pair("parts", "2"), Pair("part:2", "150"),
                                   Pair("more", "0")));
}

TEST_F(UploadOutcomes, TellWhyOneThatWaitedStillDoes) {
  const auto waits = people_.send("note", {notes(1, R"("say":"hello","needs":"t")"), "member/ana"});
  EXPECT_THAT(waits, Contains(Pair("0", HasSubstr("there is no tag t"))));
  const std::string upload = people_.last_upload();
  people_.send("note", {notes(1, R"("say":"hello","needs":"u")"), "member/ana", {}, 1'000});
  const std::string next = people_.last_upload();
  people_.send("tag", {.records = R"({"id":"t"})", .at = 2'000});
  EXPECT_THAT(people_.outcome(upload), Contains(Pair("0", HasSubstr("there is no tag t"))))
      << "another took its place";
  people_.send("tag", {.records = R"({"id":"u"})", .at = 3'000});
  EXPECT_THAT(people_.outcome(next), Not(Contains(Key("0"))));
}

TEST_F(UploadOutcomes, CutALongReasonBetweenItsCharacters) {
  std::string needs;
  for (int i = 0; i < 500; ++i) needs += "ç";
  const auto outcome =
      people_.send("note", {notes(1, R"("say":"hello","needs":")" + needs + '"'), "member/ana"});
  ASSERT_THAT(outcome, Contains(Key("0")));
  EXPECT_THAT(outcome.at("0"), ::testing::EndsWith("çç\"}"));
  EXPECT_LT(outcome.at("0").size(), 400U);
}

// Of a kind that compares, what is settled is written without a call.
TEST(UploadOutcomesOfSettledParts, SayWhoSentThem) {
  MeterStore meters;
  std::vector<SamplePart> parts(2);
  for (SamplePart& part : parts) part.principal = "member/ana";
  const auto outcome_of = [&](const SamplePart& part) {
    const RedisReply reply =
        meters.redis().ask({"HGET", meters.redis().prefix() + ":outcome:" + part.upload, "part:1"});
    return std::string(reply.text());
  };
  parts[0].records = meter("m1", "here");
  parts[1].records = meter("m1", "there");
  meters.apply({{.parts = parts}});
  EXPECT_EQ(outcome_of(parts[0]), "1");
  EXPECT_EQ(outcome_of(parts[1]), "1");
}

}  // namespace
}  // namespace comporta
