// What every store of accounts and notes promises, on the one in memory and on Redis; and what becomes of
// sessions and throttles in Redis when many come at once.

#include "services/cache/sessions/redis_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <set>
#include <thread>

#include "common/base/error.h"
#include "services/cache/apply/key_names.h"
#include "services/cache/sessions/sessions.h"
#include "services/cache/sessions/throttle.h"
#include "tests/contract/cache/redis/redis_access.h"
#include "tests/support/cache/memory_people_store.h"

namespace comporta {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Optional;

constexpr int kAtOnce = 8;
const std::string kSecret(32, 's');

/// Redis, and the keys of people beside a prefix that is removed with all below it.
class PeopleInRedis {
 public:
  PeopleInRedis() = default;
  ~PeopleInRedis() {
    const RedisReply keys = redis_.ask({"KEYS", redis_.prefix() + "-people:*"});
    for (std::size_t i = 0; i < keys.size(); ++i) redis_.ask({"DEL", std::string(keys[i].text())});
  }
  PeopleInRedis(const PeopleInRedis&) = delete;
  PeopleInRedis& operator=(const PeopleInRedis&) = delete;

  std::unique_ptr<RedisPeopleStore> connect() const {
    return std::make_unique<RedisPeopleStore>(redis_.settings().server, redis_.prefix());
  }
  RedisReply ask(const std::vector<std::string>& words) { return redis_.ask(words); }
  std::string note_key(const std::string& name) const { return redis_.prefix() + "-people:" + name; }
  void put(const std::string& kind, const std::string& key, const std::string& login,
           const std::string& text) {
    const std::string start = view_key_start(redis_.prefix(), kind);
    redis_.ask({"SET", start + "login:" + login, key});
    redis_.ask({"SET", start + "account:" + key, text});
  }

 private:
  RedisAccess redis_;
};

/// A store, and a hand that writes accounts and changes notes behind its back.
class Bench {
 public:
  virtual ~Bench() = default;
  virtual PeopleStore& store() = 0;
  virtual void put(const std::string& kind, const std::string& key, const std::string& login) = 0;
  virtual void set_behind(const std::string& name, const std::string& text) = 0;
};

class MemoryBench : public Bench {
 public:
  PeopleStore& store() override { return store_; }
  void put(const std::string& kind, const std::string& key, const std::string& login) override {
    store_.put(kind, key, login, "hash");
  }
  void set_behind(const std::string& name, const std::string& text) override {
    store_.update({}, [&](const NoteTexts&) { return std::vector<Note>{{name, text, minutes(1)}}; });
  }

 private:
  MemoryPeopleStore store_;
};

class RedisBench : public Bench {
 public:
  PeopleStore& store() override { return *store_; }
  void put(const std::string& kind, const std::string& key, const std::string& login) override {
    people_.put(kind, key, login, R"({"login":")" + login + R"(","password":"hash","roles":[]})");
  }
  void set_behind(const std::string& name, const std::string& text) override {
    people_.ask({"SET", people_.note_key(name), text});
  }

 private:
  PeopleInRedis people_;
  std::unique_ptr<RedisPeopleStore> store_ = people_.connect();
};

struct Flavour {
  std::string name;
  std::function<std::unique_ptr<Bench>()> make;
};

class PeopleStoreContract : public ::testing::TestWithParam<Flavour> {
 protected:
  void note(const std::string& name, std::optional<std::string> text) {
    store.update({name}, [&](const NoteTexts&) { return std::vector<Note>{{name, text, minutes(1)}}; });
  }

  std::unique_ptr<Bench> bench = GetParam().make();
  PeopleStore& store = bench->store();
};

TEST_P(PeopleStoreContract, FindsAccountsByTheirLoginNamesAndKeys) {
  bench->put("client", "c:1/\xC3\xA7", "ana@example.com");
  EXPECT_THAT(store.account_key("client", "ana@example.com"), Optional(std::string("c:1/\xC3\xA7")));
  EXPECT_THAT(store.account_text("client", "c:1/\xC3\xA7"),
              Optional(std::string(R"({"login":"ana@example.com","password":"hash","roles":[]})")));
  EXPECT_EQ(store.account_key("client", "ana"), std::nullopt);
  EXPECT_EQ(store.account_key("reseller", "ana@example.com"), std::nullopt);
  EXPECT_EQ(store.account_text("client", ""), std::nullopt);
}

TEST_P(PeopleStoreContract, KeepsNotesUntilTheyAreTakenAway) {
  const std::string bytes("\0\r\n", 3);
  note("a", "1");
  note("b", bytes);
  EXPECT_THAT(store.read({"a", "none", "b"}),
              ElementsAre(Optional(std::string("1")), Eq(std::nullopt), Optional(bytes)));
  note("a", "2");
  EXPECT_THAT(store.read({"a"}), ElementsAre(Optional(std::string("2"))));
  note("a", std::nullopt);
  note("a", std::nullopt);
  EXPECT_THAT(store.read({"a", "b"}), ElementsAre(Eq(std::nullopt), Optional(bytes)));
}

TEST_P(PeopleStoreContract, ChangesSeveralInOneStep) {
  note("a", "1");
  store.update({"a", "b"}, [](const NoteTexts& texts) {
    EXPECT_THAT(texts, ElementsAre(Optional(std::string("1")), Eq(std::nullopt)));
    return std::vector<Note>{{"a"}, {"b", "2", minutes(1)}, {"c", "3", minutes(1)}};
  });
  EXPECT_THAT(store.read({"a", "b", "c"}),
              ElementsAre(Eq(std::nullopt), Optional(std::string("2")), Optional(std::string("3"))));
}

TEST_P(PeopleStoreContract, MayChangeNothing) {
  note("a", "1");
  store.update({"a"}, [](const NoteTexts&) { return std::vector<Note>(); });
  EXPECT_THAT(store.read({"a"}), ElementsAre(Optional(std::string("1"))));
}

TEST_P(PeopleStoreContract, LooksAgainWhenSomebodyElseWasFaster) {
  note("a", "1");
  std::vector<std::string> seen;
  store.update({"a"}, [&](const NoteTexts& texts) {
    seen.push_back(texts[0].value_or(""));
    if (seen.size() == 1) bench->set_behind("a", "5");
    return std::vector<Note>{{"a", seen.back() + "+1", minutes(1)}};
  });
  EXPECT_THAT(seen, ElementsAre("1", "5"));
  EXPECT_THAT(store.read({"a"}), ElementsAre(Optional(std::string("5+1"))));
}

INSTANTIATE_TEST_SUITE_P(Stores, PeopleStoreContract,
                         ::testing::Values(Flavour{"memory", [] { return std::make_unique<MemoryBench>(); }},
                                           Flavour{"redis", [] { return std::make_unique<RedisBench>(); }}),
                         [](const auto& test) { return test.param.name; });

class RedisPeople : public ::testing::Test {
 protected:
  RedisPeople() {
    put("hash");
    opened.emplace(sessions.open(*parse_account("client", "c1", *store->account_text("client", "c1"))));
  }

  void put(const std::string& password) {
    people.put("client", "c1", "ana", R"({"login":"ana","password":")" + password + R"(","roles":["cook"]})");
  }
  /// What each of some threads, with a connection of its own, makes of `work`, all at once.
  template <typename Result>
  std::vector<Result> at_once(const std::function<Result(PeopleStore&)>& work) {
    std::vector<std::optional<Result>> results(kAtOnce);
    std::vector<std::jthread> threads;
    for (auto& result : results)
      threads.emplace_back([&work, &result, own = people.connect()] { result = work(*own); });
    threads.clear();
    std::vector<Result> all;
    for (auto& result : results) all.push_back(std::move(*result));
    return all;
  }
  static Sessions sessions_on(PeopleStore& own) { return {own, {}, kSecret, WallClock::now}; }

  PeopleInRedis people;
  std::unique_ptr<RedisPeopleStore> store = people.connect();
  Sessions sessions = sessions_on(*store);
  std::optional<OpenSession> opened;
};

TEST_F(RedisPeople, KeepsASessionForItsTime) {
  const std::string key = people.note_key("session:" + opened->refresh.session);
  const auto left = milliseconds(people.ask({"PTTL", key}).number());
  EXPECT_LE(left, std::chrono::hours(2));
  EXPECT_GT(left, std::chrono::hours(1));
}

TEST_F(RedisPeople, TabsThatRefreshAtOnceAllGoOn) {
  const auto tokens = at_once<std::string>([this](PeopleStore& own) {
    const auto session = sessions_on(own).refresh(opened->refresh.text());
    return session ? session->refresh.text() : "over";
  });
  const std::set<std::string> different(tokens.begin(), tokens.end());
  ASSERT_EQ(different.size(), 1U);
  EXPECT_NE(*different.begin(), opened->refresh.text());
  EXPECT_TRUE(sessions.refresh(*different.begin()));
}

TEST_F(RedisPeople, ARefreshDoesNotBringBackWhatIsLoggedOut) {
  std::atomic<int> turn = 0;
  at_once<bool>([&](PeopleStore& own) {
    Sessions mine = sessions_on(own);
    if (turn++ == 0) mine.end(opened->refresh.session);
    for (int i = 0; i < 20; ++i) mine.refresh(opened->refresh.text());
    return true;
  });
  EXPECT_FALSE(sessions.refresh(opened->refresh.text()));
  EXPECT_EQ(people.ask({"EXISTS", people.note_key("session:" + opened->refresh.session)}).number(), 0);
}

TEST_F(RedisPeople, AnotherPasswordEndsTheSession) {
  const Caller ana{.kind = "client", .key = "c1", .roles = {}, .session = opened->refresh.session};
  EXPECT_TRUE(sessions.account_of(ana));
  put("another");
  EXPECT_FALSE(sessions.account_of(ana));
  EXPECT_FALSE(sessions.refresh(opened->refresh.text()));
}

TEST_F(RedisPeople, TriesAtOnceAreCountedEach) {
  const auto waits = at_once<bool>([](PeopleStore& own) {
    Throttle throttle(own, kSecret, WallClock::now);
    return throttle.admit(throttle.of("client", "ana", "10.0.0.1")).has_value();
  });
  EXPECT_EQ(std::count(waits.begin(), waits.end(), false), 5);
}

TEST_F(RedisPeople, IsAskedOnANewConnectionWhenTheOldOneWasClosed) {
  people.ask({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  EXPECT_THAT(store->account_key("client", "ana"), Optional(std::string("c1")));
}

}  // namespace
}  // namespace comporta
