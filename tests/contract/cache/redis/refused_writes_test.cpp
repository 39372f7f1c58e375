// A Redis that can be read and takes nothing: the projector is not ready before it takes something again.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "services/cache/apply/projector.h"
#include "tests/contract/cache/redis/redis_access.h"
#include "tests/support/cache/sample_batches.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;

struct Refusal {
  std::string name;
  std::vector<std::string> begin;
  std::vector<std::string> end;
};

class RedisRefusing : public testing::TestWithParam<Refusal> {
 protected:
  void TearDown() override { redis.ask(GetParam().end); }

  static KindSet load_kinds() {
    std::vector<std::string> faults;
    KindSet loaded =
        KindSet::load(std::filesystem::path(COMPORTA_SOURCE_DIR) / "tests/data/good/kinds", faults);
    EXPECT_THAT(faults, testing::IsEmpty());
    return loaded;
  }
  void take(std::uint64_t returns) {
    Delivery delivery;
    delivery.tag = returns + 1;
    delivery.delivery_count = returns;
    delivery.message_id = batch.id;
    delivery.type = "plain";  // a kind without views
    for (const SamplePart& part : batch.parts) delivery.body += part.line();
    projector.take(std::move(delivery));
  }
  /// As the consume loop does; false when it does not come to be.
  bool work_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      for (Settlement& settlement : projector.work(-1, 5ms)) settled.push_back(std::move(settlement));
    }
    return true;
  }
  int errors() const {
    const std::string text = metrics.render(), name = "\ncomporta_redis_errors_total ";
    return std::stoi(text.substr(text.find(name) + name.size()));
  }

  KindSet kinds = load_kinds();
  RedisAccess redis;
  RedisStore store{redis.settings()};
  Metrics metrics;
  Projector projector{kinds, store, metrics};
  const SampleBatch batch{.parts = {{.records = R"({"id":"a"})"}}};
  std::vector<Settlement> settled;
};

TEST_P(RedisRefusing, AMessageThatWasGivenBackIsNotTakenAgainBeforeRedisTakesWrites) {
  ASSERT_TRUE(work_until([&] { return projector.ready(); }));
  redis.ask(GetParam().begin);
  take(0);
  ASSERT_TRUE(work_until([&] { return !projector.ready(); }));
  projector.forget();
  ASSERT_TRUE(work_until([&, before = errors()] { return errors() >= before + 3 || projector.ready(); }));
  EXPECT_FALSE(projector.ready());
  redis.ask(GetParam().end);
  ASSERT_TRUE(work_until([&] { return projector.ready(); }));
  take(1);
  ASSERT_TRUE(work_until([&] { return !settled.empty(); }));
  EXPECT_THAT(settled[0].parked, testing::IsEmpty());
  EXPECT_EQ(redis.ask({"EXISTS", redis.prefix() + ":record:plain:a"}).number(), 1);
}

TEST_P(RedisRefusing, ADaemonThatStartsMeanwhileIsNotReady) {
  redis.ask(GetParam().begin);
  EXPECT_TRUE(work_until([&] { return errors() >= 2 || projector.ready(); }));
  EXPECT_FALSE(projector.ready());
}

TEST_P(RedisRefusing, WhatIsTriedLeavesNothingBehind) {
  ASSERT_TRUE(work_until([&] { return projector.ready(); }));
  EXPECT_THAT(redis.keys(), testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Each, RedisRefusing,
    testing::Values(
        Refusal{"OutOfMemory", {"CONFIG", "SET", "maxmemory", "1"}, {"CONFIG", "SET", "maxmemory", "0"}},
        Refusal{"Replica", {"REPLICAOF", "127.0.0.1", "1"}, {"REPLICAOF", "NO", "ONE"}}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace comporta
