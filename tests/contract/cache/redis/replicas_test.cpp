// What has to be on other servers before it counts, on one that has none; of some that have:
// tests/system/test_failover.py.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "common/base/error.h"
#include "services/cache/redis/sentinel.h"
#include "tests/contract/cache/redis/redis_access.h"
#include "tests/support/cache/sample_batches.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string failure_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const TransientError& error) {
    return error.what();
  }
  return "";
}

TEST(RedisReplicas, WhatNoneOfThemHasDoesNotCountHoweverOftenItIsTried) {
  const RedisAccess redis;
  const Kind kind = sample_kind();
  const Group group = sample_group(kind, {{.parts = {SamplePart{}}}});
  RedisStoreSettings settings = redis.settings();
  RedisStore alone(settings);
  settings.replicas = 1;
  settings.server.timeout = 1s;
  RedisStore careful(settings);
  for (int tries = 0; tries < 3; ++tries)
    EXPECT_EQ(failure_of([&] { careful.apply(group); }), "Redis: too few replicas have it");
  EXPECT_THAT(alone.apply(group), ElementsAre(PartOutcome::kRepeated)) << "it is there all the same";
}

TEST(RedisSentinel, WhoIsNoneSaysNothing) {
  RedisServer server;
  server.timeout = 10s;
  server.sentinels = {{"127.0.0.1", redis_port()}, {"127.0.0.1", 1}};
  EXPECT_THAT(failure_of([&] { find_master(server); }),
              ::testing::AllOf(HasSubstr("127.0.0.1:" + std::to_string(redis_port()) + ": Redis says ERR"),
                               HasSubstr("127.0.0.1:1: Redis: Connection refused")));
}

TEST(RedisSentinel, AMasterIsOne) {
  RedisServer server;
  server.port = redis_port();
  server.timeout = 10s;
  RedisConnection connection(server);
  EXPECT_EQ(failure_of([&] { expect_master(connection); }), "");
}

}  // namespace
}  // namespace comporta
