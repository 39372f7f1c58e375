// What views ask for: in the outbox exactly once, whatever comes again, until its outcome is applied.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/cache/reactions/reacting_redis.h"

namespace comporta {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kOrder[] = R"({"id":"o1","items":["a"],"ask":"charge"})";

class ReactingViews : public ::testing::Test {
 protected:
  std::vector<std::string> charges() { return redis_.waiting(redis_.charge); }
  void send(const std::string& records) { redis_.apply("order", {ReactingRedis::order(records)}); }

  ReactingRedis redis_;
};

TEST_F(ReactingViews, AskOnceForEachRecord) {
  send(std::string(kOrder) + R"(,{"id":"o2","ask":"charge tell"},{"id":"o3"})");
  EXPECT_THAT(charges(), SizeIs(2));
  EXPECT_THAT(redis_.waiting(redis_.tell), SizeIs(1));
}

TEST_F(ReactingViews, SayOfEachWhatTheyWereGiven) {
  redis_.apply("order", {{.records = kOrder, .received = "2026-11-29T12:00:00.000Z"}});
  const auto line = redis_.outbox.look({&redis_.charge}).front();
  EXPECT_EQ(line.count, 1U);
  EXPECT_EQ(line.oldest, WallMs(std::chrono::milliseconds(1'795'953'600'000)));
  ASSERT_THAT(line.ids, SizeIs(1));
  EXPECT_TRUE(canonical_uuid(line.ids.front()));
  const auto found = redis_.outbox.read(redis_.charge, line.ids);
  ASSERT_TRUE(found.front());
  EXPECT_EQ(found.front()->with, R"({"count":1,"items":["a"],"on":"2026-11-29","order":"o1"})");
  EXPECT_EQ(found.front()->trace, "");
}

TEST_F(ReactingViews, SayInWhichTraceTheyWereAskedForIfItIsSampled) {
  SamplePart part = ReactingRedis::order(kOrder);
  part.traceparent = kSampledPart;
  redis_.apply("order", {part});
  send(R"({"id":"o2","ask":"tell"})");
  const auto found = redis_.outbox.read(redis_.charge, charges());
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found.front()->trace, kSampledPart);
  const auto other = redis_.outbox.read(redis_.tell, redis_.waiting(redis_.tell));
  ASSERT_THAT(other, SizeIs(1));
  EXPECT_EQ(other.front()->trace, "");
}

TEST_F(ReactingViews, DoNotAskAgainWhenTheSameUploadComesAgain) {
  SamplePart part = ReactingRedis::order(kOrder);
  redis_.apply("order", {part});
  const auto asked = charges();
  redis_.apply("order", {part});  // another batch, without a digest: it is applied again
  EXPECT_EQ(charges(), asked);
  redis_.apply("payment", {ReactingRedis::outcome(asked.front())});
  redis_.apply("order", {part});
  EXPECT_THAT(charges(), IsEmpty()) << "not when its outcome has come, either";
}

TEST_F(ReactingViews, AskAgainForALaterRecordOfTheSameKey) {
  send(kOrder);
  send(kOrder);
  EXPECT_THAT(charges(), SizeIs(2));
}

TEST_F(ReactingViews, AskForEachOfTwoRecordsOfAKeyInOnePart) {
  send(std::string(kOrder) + "," + kOrder);
  EXPECT_THAT(charges(), SizeIs(2));
}

TEST_F(ReactingViews, AskUnderTheSameIdWhereverItIsApplied) {
  const SamplePart part = ReactingRedis::order(kOrder);
  redis_.apply("order", {part});
  ReactingRedis other;
  other.apply("order", {part});
  EXPECT_EQ(charges(), other.waiting(other.charge));
}

TEST_F(ReactingViews, AskForNothingWhenThePartFails) {
  const auto result = redis_.apply(
      "order", {ReactingRedis::order(std::string(kOrder) + R"(,{"id":"o2","ask":"charge charge"})")});
  EXPECT_THAT(result.reason, HasSubstr("apply may react once in each way: charge"));
  EXPECT_THAT(charges(), IsEmpty());
  EXPECT_THAT(redis_.apply("order", {ReactingRedis::order(R"({"id":"o1","ask":"none"})")}).reason,
              HasSubstr("kind.yaml has no reaction none"));
}

TEST_F(ReactingViews, AnOutcomeEndsItsReactionAlone) {
  send(std::string(kOrder) + R"(,{"id":"o2","ask":"charge tell"})");
  auto asked = charges();
  redis_.apply("payment", {ReactingRedis::outcome(asked.back())});
  asked.pop_back();
  EXPECT_EQ(charges(), asked);
  EXPECT_THAT(redis_.waiting(redis_.tell), SizeIs(1));
  EXPECT_TRUE(redis_.outbox.read(redis_.charge, asked).front());
}

TEST_F(ReactingViews, AnOutcomeIsAppliedAsAnyRecord) {
  send(kOrder);
  const std::string id = charges().front();
  redis_.apply("payment", {ReactingRedis::outcome(id, "paid")});
  EXPECT_THAT(redis_.store.find_record("payment", id)->value, HasSubstr(R"("status":"paid")"));
}

TEST_F(ReactingViews, NobodyElsesRecordEndsAReaction) {
  send(kOrder);
  const std::string id = charges().front();
  SamplePart part = ReactingRedis::outcome(id);
  for (const std::string& who : {std::string(), "clerk/" + id, std::string("reaction/other")}) {
    part.principal = who;
    redis_.apply("payment", {part});
    part.upload = new_uuid_v7();
    EXPECT_THAT(charges(), ElementsAre(id)) << who;
  }
}

TEST_F(ReactingViews, AnOutcomeThatComesBeforeWhatLedToItAsksNobody) {
  const SamplePart part = ReactingRedis::order(kOrder);
  ReactingRedis before;
  before.apply("order", {part});
  const std::string id = before.waiting(before.charge).front();
  redis_.apply("payment", {ReactingRedis::outcome(id)});
  redis_.apply("order", {part});
  EXPECT_THAT(charges(), IsEmpty());
}

TEST_F(ReactingViews, WhatIsReplayedWithItsOutcomeLeavesNothingBehind) {
  SamplePart part = ReactingRedis::order(kOrder);
  part.received = "2024-01-01T00:00:00.000Z";
  redis_.apply("order", {part});
  SamplePart outcome = ReactingRedis::outcome(charges().front());
  outcome.received = "2024-01-01T00:00:01.000Z";
  redis_.apply("payment", {outcome});
  EXPECT_THAT(charges(), IsEmpty());
  for (const std::string& key : redis_.redis.keys())
    EXPECT_EQ(key.find(":reaction:"), std::string::npos) << key;
}

TEST_F(ReactingViews, OneThatHasWaitedAsksWhenItsTurnComes) {
  send(R"({"id":"o1","ask":"charge","needs":"p1"})");
  EXPECT_THAT(charges(), IsEmpty());
  redis_.apply(
      "payment",
      {{.records = R"({"id":"p1","order":"o1","status":"x"})", .principal = "clerk/c", .roles = {"clerk"}}});
  EXPECT_THAT(charges(), SizeIs(1));
}

}  // namespace
}  // namespace comporta
