// Random sign-ups, renamings, passwords, roles and deletions by several people, some of them late, against a
// plain model; and the same history once more, in other groups, ends with the same in Redis, as in a replay.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/contract/cache/redis/people_redis.h"

namespace comporta {
namespace {

struct Operation {
  std::string key;
  std::string login;
  std::string password;  ///< empty: none is given
  std::string role;      ///< empty: none is given
  std::string by;        ///< the key of a member; empty: nobody; `admin`
  bool deletes = false;
  int at = 0;

  Sent sent() const {
    std::string record = R"({"id":")" + key + '"';
    if (!deletes) record += R"(,"email":")" + login + '"';
    if (!deletes && !password.empty()) record += R"(,"password":"$argon2id$)" + password + '"';
    if (!deletes && !role.empty()) record += R"(,"roles":[")" + role + "\"]";
    std::vector<std::string> roles;
    if (by == "admin") roles.emplace_back("admin");
    return {record + "}", by.empty() ? "" : "member/" + by, roles, at, deletes ? "delete" : ""};
  }
};

/// What accounts there are, said as plainly as can be.
class Model {
 public:
  struct Account {
    std::string login;
    std::string password;
    std::string role;
    int since;
  };

  /// `applied`, `late` or `refused`.
  std::string apply(const Operation& operation) {
    const auto found = accounts_.find(operation.key);
    const bool exists = found != accounts_.end();
    const bool admin = operation.by == "admin";
    const bool may = exists ? operation.by == operation.key : !operation.deletes;
    if (!admin && !may) return "refused";
    if (const auto known = latest_.find(operation.key);
        known != latest_.end() && operation.at < known->second)
      return "late";
    if (!operation.deletes && is_taken(operation)) return "refused";
    if (!operation.deletes && !exists && operation.password.empty()) return "refused";
    latest_[operation.key] = operation.at;
    if (operation.deletes) {
      accounts_.erase(operation.key);
      return "applied";
    }
    Account& account = accounts_.try_emplace(operation.key, Account{{}, {}, {}, operation.at}).first->second;
    account.login = operation.login;
    if (!operation.password.empty()) account.password = operation.password;
    if (admin && !operation.role.empty()) account.role = operation.role;
    return "applied";
  }
  const std::map<std::string, Account>& accounts() const { return accounts_; }

 private:
  bool is_taken(const Operation& operation) const {
    for (const auto& [key, account] : accounts_)
      if (account.login == operation.login && key != operation.key) return true;
    return false;
  }

  std::map<std::string, Account> accounts_;
  std::map<std::string, int> latest_;  ///< by key, of accounts and deletions
};

class History {
 public:
  explicit History(unsigned seed) : random_(seed) {}

  Operation next(int number) {
    Operation operation;
    operation.key = key();
    operation.login = "l" + std::to_string(pick(5));
    if (pick(3) > 0) operation.password = "p" + std::to_string(number);
    if (pick(4) == 0) operation.role = "r" + std::to_string(pick(3));
    const int who = pick(8);
    operation.by = who == 0 ? "admin" : who == 1 ? "" : who == 2 ? key() : operation.key;
    operation.deletes = pick(4) == 0;
    operation.at = number * 100 - (pick(5) == 0 ? pick(20) * 100 + 1 + number % 97 : 0);  // no two at once
    return operation;
  }
  int pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }

 private:
  std::string key() { return "k" + std::to_string(pick(6)); }

  std::mt19937 random_;
};

void expect_same(PeopleRedis& people, const Model& model) {
  const std::string views = ":view:member:";
  std::map<std::string, std::string> kept, expected;
  for (const auto& [name, text] : people.everything())
    for (const char* what : {"login:", "account:"})
      if (name.starts_with(views + what)) kept[name] = text;
  for (const auto& [key, account] : model.accounts()) {
    expected[views + "login:" + account.login] = key;
    expected[views + "account:" + key] = R"({"login":")" + account.login + R"(","password":"$argon2id$)" +
                                         account.password + R"(","roles":[)" +
                                         (account.role.empty() ? "" : '"' + account.role + '"') + "]}";
    EXPECT_EQ(people.record("member", key), R"({"email":")" + account.login + "\"}");
    EXPECT_THAT(people.ask("member", "accounts", R"({"limit":100})"),
                ::testing::HasSubstr(R"("key":")" + key + '"'));
  }
  EXPECT_EQ(kept, expected);
  EXPECT_EQ(people.redis().ask({"ZCARD", people.views("member") + "accounts"}).number(),
            static_cast<std::int64_t>(model.accounts().size()));
}

TEST(AccountsHistory, IsAsAPlainModelSaysAndTheSameWhenItIsReplayed) {
  const unsigned seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  SCOPED_TRACE("seed " + std::to_string(seed));
  History history(seed);
  Model model;
  PeopleRedis people, replayed;
  std::vector<SampleBatch> again;
  std::set<std::string> outcomes;
  for (int number = 1; number <= 1'500;) {
    std::vector<SampleBatch> batches(1 + static_cast<std::size_t>(history.pick(4)));
    std::vector<std::string> expected;
    for (SampleBatch& batch : batches)
      for (int parts = 1 + history.pick(3); parts > 0; --parts, ++number) {
        const Operation operation = history.next(number);
        batch.parts.push_back(PeopleRedis::part(operation.sent()));
        expected.push_back(model.apply(operation));
        outcomes.insert(expected.back());
      }
    people.apply("member", batches);
    std::size_t index = 0;
    for (const SampleBatch& batch : batches)
      for (const SamplePart& part : batch.parts) {
        const auto told = people.outcome(part.upload);
        const std::string said = told.contains("0") ? told.at("0") : R"("outcome":"applied")";
        ASSERT_THAT(said, ::testing::HasSubstr(R"("outcome":")" + expected[index++] + '"')) << part.line();
      }
    again.insert(again.end(), batches.begin(), batches.end());
    if (again.size() % 20 == 0) expect_same(people, model);
  }
  expect_same(people, model);
  EXPECT_EQ(outcomes.size(), 3U);
  for (std::size_t first = 0; first < again.size(); first += 7)
    replayed.apply("member",
                   {again.begin() + static_cast<std::ptrdiff_t>(first),
                    again.begin() + static_cast<std::ptrdiff_t>(std::min(first + 7, again.size()))});
  EXPECT_EQ(replayed.everything(), people.everything());
}

}  // namespace
}  // namespace comporta
