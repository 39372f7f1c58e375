// The outbox in Redis, but for what views write into it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/cache/reactions/reacting_redis.h"

namespace comporta {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(RedisOutboxTest, OneHoldsTheLeaseAndAnotherWhenThatOneLetsGo) {
  ReactingRedis redis;
  RedisOutbox other(redis.redis.settings().server, redis.redis.prefix(), std::chrono::seconds(5));
  EXPECT_TRUE(redis.outbox.hold());
  EXPECT_FALSE(other.hold());
  EXPECT_TRUE(redis.outbox.hold());
  other.let_go();
  EXPECT_FALSE(other.hold()) << "it was not its own to let go";
  redis.outbox.let_go();
  EXPECT_TRUE(other.hold());
  EXPECT_FALSE(redis.outbox.hold());
}

TEST(RedisOutboxTest, ALeaseEndsByItself) {
  ReactingRedis redis;
  ASSERT_TRUE(redis.outbox.hold());
  const auto left = redis.redis.ask({"PTTL", redis.redis.prefix() + "-reactions:holder"}).number();
  EXPECT_GT(left, 0);
  EXPECT_LE(left, 5'000);
}

TEST(RedisOutboxTest, KeepsHowFarOneHasCome) {
  ReactingRedis redis;
  redis.apply("order", {ReactingRedis::order(R"({"id":"o1","ask":"charge"})")});
  const auto ids = redis.waiting(redis.charge);
  EXPECT_EQ(redis.outbox.read(redis.charge, ids).front()->state.tries, 0);
  const ReactionState state{.tries = 3,
                            .due = WallMs(std::chrono::milliseconds(1'800'000'000'123)),
                            .error = "it answers \"500\"",
                            .outcome = Outcome{"payment", R"({"id":"x","n":1})", true},
                            .uploaded = true};
  redis.outbox.save(ids.front(), state);
  const ReactionState read = redis.outbox.read(redis.charge, ids).front()->state;
  EXPECT_EQ(read.to_json(), state.to_json());
  EXPECT_EQ(read.tries, 3);
  EXPECT_EQ(read.due, state.due);
  EXPECT_EQ(read.error, state.error);
  ASSERT_TRUE(read.outcome);
  EXPECT_EQ(read.outcome->record, state.outcome->record);
  redis.outbox.forget(ids);
  EXPECT_EQ(redis.outbox.read(redis.charge, ids).front()->state.tries, 0);
}

TEST(RedisOutboxTest, OfThoseThatDoNotWaitThereIsNothing) {
  ReactingRedis redis;
  redis.apply("order", {ReactingRedis::order(R"({"id":"o1","ask":"charge"})")});
  const auto ids = redis.waiting(redis.charge);
  redis.apply("payment", {ReactingRedis::outcome(ids.front())});
  EXPECT_FALSE(redis.outbox.read(redis.charge, ids).front());
  EXPECT_FALSE(redis.outbox.read(redis.charge, {"none"}).front());
  EXPECT_THAT(redis.outbox.read(redis.charge, {}), IsEmpty());
}

TEST(RedisOutboxTest, TakesTheOperatorsOrders) {
  ReactingRedis redis;
  redis.redis.ask({"HSET", redis.redis.prefix() + "-reactions:orders", "a", "retry"});
  EXPECT_THAT(redis.outbox.orders(), ElementsAre(Pair("a", "retry")));
  redis.outbox.order_is_done("a");
  EXPECT_THAT(redis.outbox.orders(), IsEmpty());
}

}  // namespace
}  // namespace comporta
