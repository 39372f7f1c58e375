// What only Redis can show: another daemon in between, lost answers, the keys themselves.

#include "services/cache/redis/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include "common/base/error.h"
#include "tests/contract/cache/redis/redis_access.h"
#include "tests/contract/cache/redis/redis_gate.h"
#include "tests/support/cache/sample_batches.h"

namespace comporta {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;
using enum PartOutcome;

class RedisStoreTest : public ::testing::Test {
 protected:
  Group group_of(const std::vector<SampleBatch>& batches) const { return sample_group(kind, batches); }

  RedisStore store_through(const RedisGate& gate) const {
    RedisStoreSettings settings = redis.settings();
    settings.server.port = gate.port();
    return RedisStore(settings);
  }

  static RedisGate::Verdict pass(std::string_view) { return RedisGate::Verdict::kPass; }

  RedisAccess redis;
  RedisStore store{redis.settings()};
  Kind kind = sample_kind();
};

TEST_F(RedisStoreTest, UsesTheKeysThatAreDocumented) {
  const SampleBatch batch{.parts = {{.digest = kDigestA, .records = sample_record("a")}}};
  store.apply(group_of({batch}));
  const std::string mark = redis.prefix() + ":upload:" + batch.parts[0].upload + ":1";
  EXPECT_THAT(redis.keys(), UnorderedElementsAre(redis.record_key("a"), redis.prefix() + ":applied",
                                                 redis.prefix() + ":applied:order", mark));
  EXPECT_EQ(redis.ask({"GET", redis.record_key("a")}).text(), R"({"cliente":"Ana"})");
  EXPECT_EQ(redis.ask({"GET", mark}).text(), kDigestA);
  EXPECT_GT(redis.ask({"TTL", mark}).number(), 86'000);
  EXPECT_LE(redis.ask({"TTL", mark}).number(), 86'400);
  EXPECT_EQ(redis.ask({"TTL", redis.prefix() + ":applied"}).number(), -1);
}

TEST_F(RedisStoreTest, AConnectionThatWasClosedWhileNobodyAskedIsMadeAnew) {
  const Group group = group_of({{.parts = {{.records = sample_record("a")}}}});
  EXPECT_FALSE(store.find_record("transaction", "a"));
  redis.ask({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  EXPECT_FALSE(store.find_record("transaction", "a"));
  redis.ask({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  EXPECT_THAT(store.apply(group), ElementsAre(kApplied));
}

TEST_F(RedisStoreTest, WhileItIsHeldNothingIsApplied) {
  const Group group = group_of({{.parts = {{.records = sample_record("a")}}}});
  const std::string hold = redis.prefix() + ":hold";
  redis.ask({"SET", hold, "1"});
  EXPECT_THROW(store.apply(group), TransientError);
  EXPECT_EQ(redis.ask({"EXISTS", redis.record_key("a")}).number(), 0);
  EXPECT_NO_THROW(store.find_batch(new_uuid_v7())) << "reading goes on";
  redis.ask({"DEL", hold});
  EXPECT_THAT(store.apply(group), ElementsAre(kApplied));
}

TEST_F(RedisStoreTest, AHoldIsNoticedBetweenLookUpAndTransaction) {
  std::atomic<int> transactions = 0;
  RedisGate gate(
      redis_port(),
      [&](std::string_view request) {
        if (request.find("MULTI") != request.npos && ++transactions == 1)
          redis.ask({"SET", redis.prefix() + ":hold", "1"});
        return RedisGate::Verdict::kPass;
      },
      pass);
  RedisStore held = store_through(gate);
  EXPECT_THROW(held.apply(group_of({{.parts = {{.records = sample_record("a")}}}})), TransientError);
  EXPECT_EQ(redis.ask({"EXISTS", redis.record_key("a")}).number(), 0);
}

TEST_F(RedisStoreTest, TheMemoryOfBatchesIsBoundedEvenWhenTheLimitWasLowered) {
  store.apply(group_of(std::vector<SampleBatch>(200)));
  RedisStoreSettings settings = redis.settings();
  settings.applied_batches = 10;
  RedisStore smaller(settings);
  for (int i = 0; i < 4; ++i) smaller.apply(group_of({{}}));
  EXPECT_EQ(redis.ask({"HLEN", redis.prefix() + ":applied"}).number(), 10);
  EXPECT_EQ(redis.ask({"LLEN", redis.prefix() + ":applied:order"}).number(), 10);
}

TEST_F(RedisStoreTest, WhatAnotherDaemonAppliesInBetweenIsNotAppliedTwice) {
  const SampleBatch shared{.parts = {{.digest = kDigestA, .records = sample_record("shared", "B")}}};
  SampleBatch elsewhere = shared;
  elsewhere.id = new_uuid_v7();
  const Group group = group_of({shared, {.parts = {{.records = sample_record("own")}}}});
  std::atomic<int> transactions = 0;
  RedisGate gate(
      redis_port(),
      [&](std::string_view request) {
        if (request.find("MULTI") != request.npos && ++transactions == 1) {
          store.apply(group_of({elsewhere}));
          redis.ask({"SET", redis.record_key("shared"), "touched by nobody"});
        }
        return RedisGate::Verdict::kPass;
      },
      pass);
  RedisStore paused = store_through(gate);
  EXPECT_THAT(paused.apply(group), ElementsAre(kRepeated, kApplied));
  EXPECT_EQ(transactions, 2);
  EXPECT_EQ(redis.ask({"GET", redis.record_key("shared")}).text(), "touched by nobody");
  EXPECT_EQ(paused.find_batch(shared.id).value().records, 0U);
  EXPECT_EQ(paused.find_batch(elsewhere.id).value().records, 1U);
}

TEST_F(RedisStoreTest, ARaceForTheSameBatchesAppliesEachOnce) {
  std::vector<Group> groups;
  for (int i = 0; i < 100; ++i) groups.push_back(group_of({{.parts = {{}}}}));
  const auto apply_all = [&] {
    RedisStore own(redis.settings());
    return std::count_if(groups.begin(), groups.end(),
                         [&](const Group& group) { return own.apply(group)[0] == kApplied; });
  };
  auto one = std::async(std::launch::async, apply_all);
  auto other = std::async(std::launch::async, apply_all);
  EXPECT_EQ(one.get() + other.get(), 100);
  EXPECT_EQ(redis.ask({"HLEN", redis.prefix() + ":applied"}).number(), 100);
  EXPECT_EQ(redis.ask({"LLEN", redis.prefix() + ":applied:order"}).number(), 100);
}

/// Where the connection breaks: the request or reply that is cut, and whether it has been applied then.
struct Cut {
  std::string name;
  std::string request;  ///< cut before the request with this in it
  std::string reply;    ///< cut before the reply to EXEC, which has this in it
  bool applied;
};

class RedisStoreCutOff : public RedisStoreTest, public ::testing::WithParamInterface<Cut> {};

TEST_P(RedisStoreCutOff, AppliesExactlyOnceInTheEnd) {
  const auto cut_at = [](const std::string& text, std::atomic<bool>& done) {
    return [&text, &done](std::string_view piece) {
      if (done || text.empty() || piece.find(text) == piece.npos) return RedisGate::Verdict::kPass;
      done = true;
      return RedisGate::Verdict::kCut;
    };
  };
  std::atomic<bool> done = false;
  const RedisGate gate(redis_port(), cut_at(GetParam().request, done), cut_at(GetParam().reply, done));
  RedisStore cut_off = store_through(gate);
  const Group group = group_of({{.parts = {{.records = sample_record("a")}}}});
  EXPECT_THROW(cut_off.apply(group), TransientError);
  EXPECT_EQ(redis.ask({"EXISTS", redis.record_key("a")}).number(), GetParam().applied ? 1 : 0);
  if (GetParam().applied) redis.ask({"SET", redis.record_key("a"), "touched by nobody"});
  EXPECT_THAT(cut_off.apply(group), ElementsAre(GetParam().applied ? kRepeated : kApplied));
  EXPECT_EQ(redis.ask({"GET", redis.record_key("a")}).text(),
            GetParam().applied ? "touched by nobody" : R"({"cliente":"Ana"})");
  EXPECT_EQ(redis.ask({"LLEN", redis.prefix() + ":applied:order"}).number(), 1);
}

INSTANTIATE_TEST_SUITE_P(Moments, RedisStoreCutOff,
                         ::testing::Values(Cut{"BeforeTheLookUp", "WATCH", "", false},
                                           Cut{"AfterTheLookUp", "", "$-1", false},
                                           Cut{"BeforeTheTransaction", "MULTI", "", false},
                                           Cut{"AfterTheTransaction", "", "QUEUED", true}),
                         [](const auto& row) { return row.param.name; });

TEST_F(RedisStoreTest, WhatIsLookedUpAheadKnowsWhatIsAppliedBeforeIt) {
  const SamplePart keyed{.digest = kDigestA, .records = sample_record("a")};
  const Group first = group_of({{.parts = {keyed}}});
  const Group second = group_of({{.parts = {keyed, {.records = sample_record("b")}}}});
  const auto say_second = [&] { return &second; };
  EXPECT_THAT(store.apply_while(first, say_second), ElementsAre(kApplied));
  EXPECT_THAT(store.apply(second), ElementsAre(kRepeated, kApplied));
  EXPECT_EQ(redis.ask({"HLEN", redis.prefix() + ":applied"}).number(), 2);
}

TEST_F(RedisStoreTest, AGroupThatIsLookedUpAheadAndThenNotAppliedIsForgotten) {
  const Group first = group_of({{.parts = {{.records = sample_record("a")}}}});
  const Group said = group_of({{.parts = {{.records = sample_record("b")}}}});
  const auto say = [&] { return &said; };
  store.apply_while(first, say);
  EXPECT_THAT(store.apply(group_of({{.parts = {{.records = sample_record("c")}}}})), ElementsAre(kApplied));
  EXPECT_EQ(redis.ask({"EXISTS", redis.record_key("b")}).number(), 0);
  const Group another = group_of({{.parts = {{.records = sample_record("d")}}}});
  store.apply_while(another, say);
  EXPECT_NO_THROW(store.go_on());
  EXPECT_TRUE(store.find_record(kind.name, "d"));
  EXPECT_THAT(store.apply(said), ElementsAre(kApplied));
}

TEST_F(RedisStoreTest, WhatAnotherDaemonAppliesBehindALookUpAheadIsNotAppliedTwice) {
  const Group first = group_of({{.parts = {{.records = sample_record("a")}}}});
  const Group second = group_of({{.parts = {{.records = sample_record("b")}}}});
  const auto say_second = [&] { return &second; };
  store.apply_while(first, say_second);
  RedisStore other(redis.settings());
  EXPECT_THAT(other.apply(second), ElementsAre(kApplied));
  EXPECT_THAT(store.apply(second), ElementsAre(kRepeated));
}

TEST_F(RedisStoreTest, ARaceWithALookUpAheadUnderWayIsForLater) {
  const Group first = group_of({{.parts = {{.records = sample_record("a")}}}});
  const Group second = group_of({{.parts = {{.records = sample_record("b")}}}});
  std::atomic<int> transactions = 0;
  RedisGate gate(
      redis_port(),
      [&](std::string_view request) {
        if (request.find("MULTI") != request.npos && ++transactions == 1)
          redis.ask({"HSET", redis.prefix() + ":applied", "another", "batch"});
        return RedisGate::Verdict::kPass;
      },
      pass);
  RedisStore raced = store_through(gate);
  const auto say_second = [&] { return &second; };
  EXPECT_THROW(raced.apply_while(first, say_second), TransientError);
  EXPECT_THAT(raced.apply_while(first, say_second), ElementsAre(kApplied));
  EXPECT_THAT(raced.apply(second), ElementsAre(kApplied));
}

TEST_F(RedisStoreTest, IsAwayWhenNobodyListensAndBackWhenSomebodyDoes) {
  std::atomic<bool> open = false;
  const RedisGate gate(
      redis_port(),
      [&](std::string_view) { return open ? RedisGate::Verdict::kPass : RedisGate::Verdict::kCut; }, pass);
  RedisStore behind = store_through(gate);
  EXPECT_THROW(behind.go_on(), TransientError);
  EXPECT_THROW(behind.find_batch(new_uuid_v7()), TransientError);
  open = true;
  EXPECT_NO_THROW(behind.go_on());
  RedisStoreSettings settings = redis.settings();
  settings.server.port = 1;
  EXPECT_THROW(RedisStore(settings).go_on(), TransientError);
}

TEST_F(RedisStoreTest, AServerThatDoesNotAnswerIsGivenUp) {
  RedisStoreSettings settings = redis.settings();
  settings.server.timeout = std::chrono::milliseconds(50);
  std::atomic<bool> leave{false};
  const RedisGate gate(
      redis_port(),
      [&](std::string_view) {
        while (!leave) std::this_thread::yield();
        return RedisGate::Verdict::kCut;
      },
      pass);
  settings.server.port = gate.port();
  EXPECT_THROW(RedisStore(settings).go_on(), TransientError);
  leave = true;
}

TEST_F(RedisStoreTest, AnErrorAnywhereInTheTransactionIsNotTakenForSuccess) {
  const Group group = group_of({{.parts = {{.records = sample_record("a")}}}});
  const std::string key = redis.prefix() + ":applied";
  std::atomic<int> transactions = 0;
  RedisGate gate(
      redis_port(),
      [&](std::string_view request) {
        // The order is not watched by itself: a foreign value in it shows only in EXEC's own answers.
        if (request.find("MULTI") != request.npos && ++transactions == 1)
          redis.ask({"SET", key + ":order", "foreign"});
        return RedisGate::Verdict::kPass;
      },
      pass);
  RedisStore hindered = store_through(gate);
  EXPECT_THROW(hindered.apply(group), TransientError);
  EXPECT_THROW(hindered.apply(group), TransientError) << "and it says so until somebody removes it";
  EXPECT_EQ(transactions, 1) << "nothing is written while it is there";
  redis.ask({"DEL", key + ":order"});
  EXPECT_NO_THROW(hindered.apply(group));
}

TEST_F(RedisStoreTest, ErrorsNameTheCodeAndNothingOfTheData) {
  redis.ask({"SET", redis.prefix() + ":applied", "foreign"});
  try {
    store.apply(group_of({{.parts = {{.records = sample_record("segredo")}}}}));
    FAIL() << "the applied batches are not a hash";
  } catch (const TransientError& error) {
    EXPECT_STREQ(error.what(), "Redis says WRONGTYPE");
  }
  EXPECT_EQ(redis.ask({"EXISTS", redis.record_key("segredo")}).number(), 0);
}

TEST_F(RedisStoreTest, LogsInAndSaysWhenItMayNot) {
  const std::string user = redis.prefix();
  redis.ask({"ACL", "SETUSER", user, "on", ">segredo", "~*", "+@all"});
  RedisStoreSettings settings = redis.settings();
  settings.server.user = user;
  settings.server.password = "segredo";
  EXPECT_NO_THROW(RedisStore(settings).go_on());
  settings.server.password = "wrong";
  try {
    RedisStore(settings).go_on();
    ADD_FAILURE() << "the password is wrong";
  } catch (const TransientError& error) {
    EXPECT_STREQ(error.what(), "Redis says WRONGPASS");
  }
  redis.ask({"ACL", "DELUSER", user});
}

TEST_F(RedisStoreTest, AppliesAGroupOfManyRecordsWhole) {
  std::string records = sample_record("k0");
  for (int i = 1; i < 1'000; ++i)
    records += "," + sample_record("k" + std::to_string(i), std::string(200, 'x'));
  std::vector<SampleBatch> batches(20);
  for (SampleBatch& batch : batches) batch.parts = {{.records = records}};
  EXPECT_THAT(store.apply(group_of(batches)), Each(kApplied));
  EXPECT_EQ(redis.keys().size(), 1'002U);
}

}  // namespace
}  // namespace comporta
