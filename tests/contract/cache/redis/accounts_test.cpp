// Accounts: whose a login name is, what becomes of passwords and roles, and who sees them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/cache/redis/people_redis.h"

namespace comporta {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

constexpr char kTaken[] = "the login name is taken";

std::string hash_of(const std::string& word) {
  return "$argon2id$v=19$m=19456,t=2,p=1$" + word;
}

/// `more` is behind the login name.
std::string member(const std::string& key, const std::string& login, const std::string& more = {}) {
  return R"({"id":")" + key + R"(","email":")" + login + '"' + more + "}";
}
std::string with_password(const std::string& word) {
  return R"(,"password":")" + hash_of(word) + '"';
}

MATCHER_P(IsRefused, why, "") {
  return arg.contains("0") &&
         arg.at("0").find(R"("outcome":"refused","reason":")" + std::string(why)) != std::string::npos;
}
MATCHER(IsApplied, "") {
  return !arg.contains("0") && !arg.contains("failed");
}

class Accounts : public ::testing::Test {
 protected:
  PeopleRedis::Fields send(const Sent& sent) { return people_.send("member", sent); }
  /// By nobody.
  PeopleRedis::Fields sign_up(const std::string& key, const std::string& login, int at) {
    return send({.records = member(key, login, with_password(key)), .at = at});
  }
  PeopleRedis::Fields change(const std::string& key, const std::string& login, int at,
                             const std::string& more = {}) {
    return send({member(key, login, more), "member/" + key, {}, at});
  }
  PeopleRedis::Fields remove(const std::string& key, int at) {
    return send({.records = R"({"id":")" + key + "\"}", .by = "member/" + key, .at = at, .action = "delete"});
  }
  std::string holder(const std::string& login) {
    return people_.text(people_.views("member") + "login:" + login);
  }
  std::string account(const std::string& key) {
    return people_.text(people_.views("member") + "account:" + key);
  }
  std::string list(const std::string& arguments) { return people_.ask("member", "accounts", arguments); }

  PeopleRedis people_;
};

TEST_F(Accounts, ALoginNameIsOfWhoCameFirstUntilItIsGivenUp) {
  EXPECT_THAT(sign_up("a", "ana@x", 1'000), IsApplied());
  EXPECT_EQ(holder("ana@x"), "a");
  EXPECT_THAT(sign_up("b", "ana@x", 2'000), IsRefused(kTaken));
  EXPECT_EQ(people_.record("member", "b"), "nothing");
  EXPECT_EQ(account("b"), "nothing");
  EXPECT_THAT(sign_up("b", "Ana@x", 2'000), IsApplied()) << "it is compared as it is: the door has folded it";
  EXPECT_THAT(change("b", "ana@x", 3'000), IsRefused(kTaken));
  EXPECT_THAT(change("a", "ana@y", 4'000), IsApplied());
  EXPECT_EQ(holder("ana@x"), "nothing");
  EXPECT_THAT(change("b", "ana@x", 5'000), IsApplied());
  EXPECT_EQ(holder("Ana@x"), "nothing");
  EXPECT_THAT(remove("b", 6'000), IsApplied());
  EXPECT_EQ(holder("ana@x"), "nothing");
  EXPECT_EQ(account("b"), "nothing");
  EXPECT_THAT(change("a", "ana@x", 7'000), IsApplied());
  EXPECT_EQ(holder("ana@x"), "a");
}

TEST_F(Accounts, OfTwoInOnePartTheFirstHasTheName) {
  const auto outcome = send({.records = member("a", "ana@x", with_password("a")) + "," +
                                        member("b", "ana@x", with_password("b")) + "," +
                                        member("c", "c@x", with_password("c")),
                             .at = 1'000});
  EXPECT_THAT(outcome, Contains(Pair("1", HasSubstr(kTaken))));
  EXPECT_EQ(holder("ana@x"), "a");
  EXPECT_EQ(holder("c@x"), "c");
}

TEST_F(Accounts, APasswordStaysUntilThereIsAnother) {
  EXPECT_THAT(send({.records = member("a", "ana@x"), .at = 500}),
              IsRefused("a new account needs a password"));
  sign_up("a", "ana@x", 1'000);
  const std::string first = account("a");
  EXPECT_EQ(first, R"({"login":"ana@x","password":")" + hash_of("a") + R"(","roles":[]})");
  change("a", "ana@x", 2'000, R"(,"name":"Ana")");
  EXPECT_EQ(account("a"), first);
  change("a", "ana@x", 3'000, with_password("other"));
  EXPECT_THAT(account("a"), HasSubstr(hash_of("other")));
  remove("a", 4'000);
  EXPECT_THAT(send({.records = member("a", "ana@x"), .at = 5'000}),
              IsRefused("a new account needs a password"));
}

TEST_F(Accounts, NoPasswordIsKeptThatIsNoHash) {
  for (const char* password :
       {R"("secret")", R"("$2a$10$x")", R"("x$argon2id$")", R"("")", "1", "true", "null"})
    EXPECT_THAT(
        send({.records = member("a", "ana@x", R"(,"password":)" + std::string(password)), .at = 1'000}),
        IsRefused("the password has not been hashed"))
        << password;
  EXPECT_THAT(send({.records = member("a", "ana@x", R"(,"password":"$2b$10$x")"), .at = 1'000}), IsApplied());
  for (const char* login : {R"("")", "1", "null"})
    EXPECT_THAT(send({.records = R"({"id":"b","email":)" + std::string(login) + with_password("b") + "}",
                      .at = 1'000}),
                IsRefused("there is no login name"));
}

TEST_F(Accounts, OnlyAnAdminSetsRoles) {
  const std::string clerk = R"(,"roles":["clerk"])";
  send({.records = member("a", "ana@x", with_password("a") + clerk), .at = 1'000});
  EXPECT_THAT(account("a"), HasSubstr(R"("roles":[])"));
  send({member("a", "ana@x", clerk), "system/operator", {"admin"}, 2'000});
  EXPECT_THAT(account("a"), HasSubstr(R"("roles":["clerk"])"));
  change("a", "ana@x", 3'000, R"(,"roles":["admin"])");
  EXPECT_THAT(account("a"), HasSubstr(R"("roles":["clerk"])"));
  send({member("a", "ana@x"), "system/operator", {"admin"}, 4'000});
  EXPECT_THAT(account("a"), HasSubstr(R"("roles":["clerk"])"));
  send({member("a", "ana@x", R"(,"roles":[])"), "system/operator", {"admin"}, 5'000});
  EXPECT_THAT(account("a"), HasSubstr(R"("roles":[])"));
}

TEST_F(Accounts, AnAccountIsItsOwn) {
  sign_up("a", "ana@x", 1'000);
  const std::string before = account("a");
  constexpr char kSomebodyElses[] = "it is somebody else's";
  EXPECT_THAT(sign_up("a", "bob@x", 2'000), IsRefused(kSomebodyElses));
  EXPECT_THAT(send({member("a", "bob@x", with_password("b")), "member/b", {}, 3'000}),
              IsRefused(kSomebodyElses));
  EXPECT_THAT(send({member("a", "bob@x", with_password("b")), "employee/a", {}, 3'000}),
              IsRefused(kSomebodyElses));
  EXPECT_THAT(send({.records = R"({"id":"a"})", .by = "member/b", .at = 3'000, .action = "delete"}),
              IsRefused(kSomebodyElses));
  EXPECT_EQ(account("a"), before);
  EXPECT_EQ(holder("bob@x"), "nothing");
}

TEST_F(Accounts, ALateVersionChangesNothing) {
  sign_up("a", "ana@x", 1'000);
  change("a", "ana@y", 3'000);
  const std::string before = account("a");
  EXPECT_THAT(change("a", "ana@z", 2'000, with_password("other")),
              Contains(Pair("0", HasSubstr(R"("outcome":"late")"))));
  EXPECT_THAT(remove("a", 2'000), Contains(Pair("0", HasSubstr(R"("outcome":"late")"))));
  EXPECT_EQ(account("a"), before);
  EXPECT_EQ(holder("ana@z"), "nothing");
  remove("a", 4'000);
  EXPECT_THAT(sign_up("a", "ana@z", 3'500), Contains(Pair("0", HasSubstr(R"("outcome":"late")"))));
  EXPECT_EQ(account("a"), "nothing");
}

TEST_F(Accounts, OneThatWaitedClaimsItsNameWhenItsTurnComes) {
  const auto hire = [&](const std::string& key, const std::string& name, int at) {
    return people_.send("employee", {member(key, "ana@x", R"(,"name":")" + name + '"' + with_password(key)),
                                     "member/boss",
                                     {"clerk"},
                                     at});
  };
  EXPECT_THAT(hire("a", "north", 1'000), IsRefused("there is no tag north"));
  EXPECT_THAT(hire("b", "south", 2'000), IsRefused("there is no tag south"));
  people_.send("tag", {.records = R"({"id":"south"})", .at = 3'000});
  const std::string employees = people_.views("employee");
  EXPECT_EQ(people_.text(employees + "login:ana@x"), "b");
  EXPECT_THAT(people_.text(employees + "account:b"), HasSubstr(hash_of("b")));
  people_.send("tag", {.records = R"({"id":"north"})", .at = 4'000});
  EXPECT_EQ(people_.text(employees + "login:ana@x"), "b");
  EXPECT_EQ(people_.record("employee", "a"), "nothing");
}

TEST_F(Accounts, AreListedWithoutTheirPasswordsTheLatestFirst) {
  for (const char* key : {"a", "b", "c"}) sign_up(key, std::string(key) + "@x", *key * 1'000);
  change("a", "a@y", 200'000, R"(,"name":"Ana")");
  send({member("b", "b@x", R"(,"roles":["clerk"])"), "system/operator", {"admin"}, 200'000});
  const std::string cursor =
      std::to_string(PeopleRedis::moment('b' * 1'000).time_since_epoch() / std::chrono::milliseconds(1)) +
      ";b";
  EXPECT_EQ(list(R"({"limit":2})"),
            R"({"accounts":[{"key":"c","login":"c@x","record":{"email":"c@x"},"roles":[]},)"
            R"({"key":"b","login":"b@x","record":{"email":"b@x"},"roles":["clerk"]}],"cursor":")" +
                cursor + R"(","kind":"member"})");
  EXPECT_EQ(
      list(R"({"limit":2,"cursor":")" + cursor + "\"}"),
      R"({"accounts":[{"key":"a","login":"a@y","record":{"name":"Ana","email":"a@y"},"roles":[]}],"kind":"member"})");
}

TEST_F(Accounts, APasswordIsInNothingElseThatIsKept) {
  sign_up("a", "ana@x", 1'000);
  sign_up("b", "ana@x", 2'000);
  change("a", "ana@x", 3'000, with_password("other"));
  people_.send("employee",
               {member("e", "e@x", R"(,"name":"south")" + with_password("e")), "member/a", {"clerk"}, 1'000});
  people_.send("tag", {.records = R"({"id":"south"})", .at = 3'000});
  for (const auto& [name, text] : people_.everything())
    EXPECT_TRUE(name.find(":account:") != std::string::npos || text.find("argon2") == std::string::npos)
        << name;
}

}  // namespace
}  // namespace comporta
