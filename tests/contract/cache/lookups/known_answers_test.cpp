// What every store of providers' answers promises, on the one in memory and on Redis.

#include "services/cache/lookups/known_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/cache/redis/redis_access.h"
#include "tests/support/cache/memory_known_answers.h"

namespace comporta {
namespace {

using std::chrono::seconds;

/// Removes what lies beside its prefix.
class AnswersInRedis {
 public:
  AnswersInRedis() = default;
  ~AnswersInRedis() {
    for (const std::string& key : keys()) redis.ask({"DEL", key});
  }
  AnswersInRedis(const AnswersInRedis&) = delete;
  AnswersInRedis& operator=(const AnswersInRedis&) = delete;

  std::vector<std::string> keys() {
    std::vector<std::string> all;
    const RedisReply reply = redis.ask({"KEYS", redis.prefix() + "-lookups:*"});
    for (std::size_t i = 0; i < reply.size(); ++i) all.emplace_back(reply[i].text());
    return all;
  }

  RedisAccess redis;
  RedisKnownAnswers store{redis.settings().server, redis.prefix()};
};

const KnownAnswer kSaid{WallClock::time_point(std::chrono::milliseconds(1'800'000'000'123)),
                        R"({"credit":1,"x":"a b"})"};

void expect_kept(KnownAnswers& store) {
  store.keep("k", kSaid, seconds(600));
  store.keep("other", {kSaid.fetched, "{}"}, seconds(600));
  const auto known = store.read({"none", "k", "other", "k"});
  ASSERT_EQ(known.size(), 4U);
  EXPECT_FALSE(known[0]);
  ASSERT_TRUE(known[1] && known[2] && known[3]);
  EXPECT_EQ(known[1]->fetched, kSaid.fetched);
  EXPECT_EQ(known[1]->result, kSaid.result);
  EXPECT_EQ(known[2]->result, "{}");
  store.keep("k", {kSaid.fetched + seconds(1), "{}"}, seconds(600));
  EXPECT_EQ(store.read({"k"}).front()->fetched, kSaid.fetched + seconds(1));
  EXPECT_TRUE(store.read({}).empty());
}

TEST(KnownAnswersTest, AreKeptInMemory) {
  MemoryKnownAnswers store;
  expect_kept(store);
}

TEST(KnownAnswersTest, AreKeptInRedis) {
  AnswersInRedis answers;
  expect_kept(answers.store);
}

TEST(KnownAnswersTest, LieBesideWhatAReplayMakesAnewAndNotForEver) {
  AnswersInRedis answers;
  answers.store.keep("sale:cashback:0f", kSaid, seconds(600));
  EXPECT_THAT(answers.keys(), testing::ElementsAre(answers.redis.prefix() + "-lookups:sale:cashback:0f"));
  EXPECT_TRUE(answers.redis.keys().empty());
  const auto left = answers.redis.ask({"TTL", answers.keys().front()}).number();
  EXPECT_TRUE(left > 0 && left <= 600) << left;
}

TEST(KnownAnswersTest, WhatSomebodyElseWroteThereIsNotKnown) {
  AnswersInRedis answers;
  for (const auto* text : {"", "x", "12", "x {}"}) {
    answers.redis.ask({"SET", answers.redis.prefix() + "-lookups:k", text});
    EXPECT_FALSE(answers.store.read({"k"}).front()) << text;
  }
  answers.redis.ask({"DEL", answers.redis.prefix() + "-lookups:k"});
  answers.redis.ask({"LPUSH", answers.redis.prefix() + "-lookups:k", "1"});
  EXPECT_FALSE(answers.store.read({"k"}).front());
}

TEST(KnownAnswersTest, NothingIsKnownWhileRedisIsAway) {
  RedisServer nowhere;
  nowhere.port = 1;
  RedisKnownAnswers store(nowhere, "test");
  store.keep("k", kSaid, seconds(600));
  EXPECT_FALSE(store.read({"k"}).front());
}

}  // namespace
}  // namespace comporta
