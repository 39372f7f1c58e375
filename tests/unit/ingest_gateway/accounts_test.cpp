#include "services/ingest-gateway/accounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/ingest_gateway/gateway_api.h"

namespace comporta::gateway {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kMembers = "/api/v1/records/member";
constexpr const char* kPassword = "correct horse battery";
constexpr const char* kBcrypt = "$2b$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.";

class AccountsTest : public GatewayApi {
 protected:
  /// The records that are published; or the answer, if nothing is.
  std::string published(const Sent& sent) {
    const std::size_t before = queue.uploads.size();
    auto said = ask(sent);
    settle();
    if (!said) said = answer();
    if (said) return said->body;
    EXPECT_EQ(queue.uploads.size(), before + 1);
    const std::string all = line();
    return all.substr(all.find("\"records\":") + 10);
  }
  /// Of a sign-up with that login name and password, as they stand in JSON: the fault of the 422.
  std::string fault(const std::string& login, const std::string& password, const std::string& token = "") {
    const std::string body = R"({"id":"ana","email":)" + login + R"(,"password":)" + password + "}";
    const std::string said = published({"POST", kMembers, body, "", token});
    EXPECT_THAT(queue.uploads, IsEmpty()) << said;
    const std::size_t begin = said.find("\"errors\":[");
    return begin == std::string::npos ? said : said.substr(begin + 10, said.rfind("]}") - begin - 10);
  }

  const PasswordHasher hasher{settings.passwords.secret};
  const std::string admin = people.token("member/root", {"admin"});
};

TEST_F(AccountsTest, PublishTheHashOfAPassword) {
  const std::string records = published(
      {"POST", kMembers, R"([{"id":"ana","password":"correct horse battery","email":"ana@example.com"}])"});
  const std::string hash = hasher.hash("member/ana", kPassword);
  EXPECT_THAT(records, HasSubstr(R"("id":"ana","password":")" + hash + R"(","email":"ana@example.com"}])"));
  EXPECT_THAT(records, Not(HasSubstr(kPassword)));
}

TEST_F(AccountsTest, WhoGivesRolesToWhomIsLoggedWithoutANameOrAnAddress) {
  const std::string record = R"([{"id":"ana","email":"ana@example.com","roles":["clerk"]},)"
                             R"({"id":"bob","email":"bob@example.com"}])";
  testing::internal::CaptureStderr();
  published({"POST", kMembers, record, "", admin});
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("roles given account=" + name_in_logs("member/ana") +
                             " by=" + name_in_logs("member/root")));
  EXPECT_THAT(log, Not(HasSubstr(name_in_logs("member/bob"))));
  EXPECT_THAT(log, Not(HasSubstr("example.com")));
}

TEST_F(AccountsTest, FoldTheLoginName) {
  EXPECT_THAT(
      published({"POST", kMembers,
                 R"({"id":"ana","email" : "\u0041NA@Example.com","password":"correct horse battery"})"}),
      HasSubstr(R"("email" : "ana@example.com",)"));
  const std::string ends =
      published({"POST", "/api/v1/records/badge",
                 R"({"name":" Ana  Maria Jose\u0301 ","password":"correct horse battery"})", "",
                 people.token("member/c", {"clerk"})});
  EXPECT_THAT(ends, HasSubstr(R"("name":"ana maria josé")"));
}

TEST_F(AccountsTest, AreTheSameUploadAgain) {
  const Sent sent{"POST", kMembers, R"({"id":"ana","email":"a@x.org","password":"correct horse battery"})",
                  "k"};
  EXPECT_FALSE(ask(sent));
  EXPECT_FALSE(ask(sent));
  settle();
  ASSERT_EQ(queue.uploads.size(), 2U);
  EXPECT_EQ(queue.uploads[0]->header.digest, queue.uploads[1]->header.digest);
  EXPECT_EQ(queue.uploads[0]->header.upload, queue.uploads[1]->header.upload);
  Sent other = sent;
  other.body.replace(other.body.find("horse"), 5, "house");
  ask(other);
  settle();
  EXPECT_EQ(queue.uploads.size(), 2U) << "another password is another upload";
}

TEST_F(AccountsTest, AskForAGoodPassword) {
  const auto at_password = [](const std::string& detail) {
    return R"({"index":0,"pointer":"/password","keyword":"password","detail":")" + detail + "\"}";
  };
  EXPECT_EQ(fault(R"("a@x.org")", R"("elevencharx")"), at_password("must have at least 12 characters"));
  EXPECT_EQ(fault(R"("anamaria@x.org")", R"("AnaMaria@x.org")"), at_password("must not be the login name"));
  EXPECT_THAT(fault(R"("a@x.org")", R"("Password1234")"), HasSubstr("tried first"));
  EXPECT_EQ(fault(R"("a@x.org")", '"' + std::string(kBcrypt) + '"'),
            at_password("is a hash, which only an admin may send"));
  EXPECT_EQ(fault(R"("a@x.org")", R"("$2b$31$abc")", admin),
            at_password("is no hash that can be checked here"));
}

TEST_F(AccountsTest, SayWhichRecordIsAtFault) {
  const std::string said =
      published({"POST", kMembers,
                 R"([{"id":"a","email":"a@x.org","password":"correct horse battery"},)"
                 R"({"id":"b","email":"b@x.org","password":"its secret"},{"id":"c","email":"c@x.org"}])"});
  EXPECT_THAT(said, AllOf(HasSubstr(R"({"index":1,"pointer":"/password","keyword":"password",)"),
                          HasSubstr(R"({"index":2,"pointer":"/password","keyword":"required",)"),
                          HasSubstr("2 of 3 records are not valid."), Not(HasSubstr("its secret"))));
}

TEST_F(AccountsTest, TakeHashesAndRolesFromAdmins) {
  const std::string record = std::string(R"({"id":"ana","email":"a@x.org","password":")") + kBcrypt + R"(")";
  EXPECT_THAT(published({"POST", kMembers, record + R"(,"roles":["clerk"]})", "", admin}),
              HasSubstr(record.substr(1) + R"(,"roles":["clerk"]})"));
  for (const std::string& token : {std::string(), people.token("member/ana", {"clerk"})}) {
    const std::string said = published(
        {"POST", kMembers, R"({"id":"ana","email":"a@x.org","password":"correct horse battery","roles":[]})",
         "", token});
    EXPECT_THAT(said, HasSubstr(R"({"index":0,"pointer":"/roles","keyword":"not",)"
                                R"("detail":"is set by an admin alone; leave it out"})"));
  }
}

TEST_F(AccountsTest, NeedAPasswordWhenTheyAreNew) {
  const std::string body = R"({"id":"ana","email":"a@x.org"})";
  const std::string missing =
      R"({"index":0,"pointer":"/password","keyword":"required","detail":"is missing: a new account needs one"})";
  EXPECT_THAT(published({"POST", kMembers, body}), HasSubstr(missing));
  EXPECT_THAT(published({"POST", kMembers, body, "", people.token("member/bob")}), HasSubstr(missing));
  EXPECT_THAT(published({"PUT", "/api/v1/records/member/ana", body, "", people.token("member/bob")}),
              HasSubstr(missing));
  for (const std::string& token : {people.token("member/ana"), admin}) {
    EXPECT_THAT(published({"PUT", "/api/v1/records/member/ana", body, "", token}),
                HasSubstr(R"("id":"ana","email":"a@x.org"}])"))
        << "the one that is there stays";
    EXPECT_THAT(published({"POST", kMembers, body, "", token}), HasSubstr(R"("email":"a@x.org"}])"));
  }
}

/// Its schema requires one: that is for those who sign up.
TEST_F(AccountsTest, AreHashedForTheKeyThatTheyGet) {
  const std::string own = people.token("badge/b1");
  EXPECT_THAT(published({"PUT", "/api/v1/records/badge/b1",
                         R"({"name":"bob","password":"correct horse battery"})", "", own}),
              HasSubstr(hasher.hash("badge/b1", kPassword)));
  EXPECT_THAT(published({"PUT", "/api/v1/records/badge/b1", R"({"name":"bob"})", "", own}),
              HasSubstr(R"({"id":"b1","name":"bob"})"));
  const std::string made =
      published({"POST", "/api/v1/records/badge", R"({"name":"bob","password":"correct horse battery"})", "",
                 people.token("member/c", {"clerk"})});
  const std::string key = made.substr(made.find("\"id\":\"") + 6, 36);
  EXPECT_THAT(made, HasSubstr(hasher.hash("badge/" + key, kPassword)));
}

TEST_F(AccountsTest, OfAnUploadAHundredMaySetPasswords) {
  std::string body = "[";
  for (int i = 0; i < 101; ++i) {
    const std::string id = "m" + std::to_string(i);
    body += (i > 0 ? "," : "") + std::string(R"({"id":")") + id + R"(","email":")" + id +
            R"(@x.org","password":"correct horse )" + id + "\"}";
  }
  const std::string said = published({"POST", kMembers, body + "]"});
  EXPECT_THAT(said, AllOf(HasSubstr("\"status\":422"), HasSubstr(R"("index":100,"pointer":"/password")"),
                          HasSubstr("at most 100 passwords"), Not(HasSubstr("correct horse"))));
}

TEST_F(AccountsTest, ATrialLooksAtPasswordsAndHashesNone) {
  settings.passwords.hash_queue = 0;  // nothing can be hashed
  settle();
  const std::string good = R"({"id":"ana","email":"a@x.org","password":"correct horse battery"})";
  const std::string path = std::string(kMembers) + "?dry_run=true";
  EXPECT_EQ(published({"POST", path, good}), R"({"dry_run":true,"kind":"member","records":1,"parts":1})");
  EXPECT_THAT(published({"POST", path, R"({"id":"ana","email":"a@x.org","password":"short"})"}),
              HasSubstr("at least 12"));
  EXPECT_THAT(published({"POST", kMembers, good}), HasSubstr("too many passwords are being set"));
  EXPECT_EQ(queue.memory.held, 0U);
}

TEST_F(AccountsTest, HoldTheirRoomWhileTheyWait) {
  published({"POST", kMembers, R"({"id":"ana","email":"a@x.org","password":"correct horse battery"})"});
  ASSERT_EQ(queue.uploads.size(), 1U);
  EXPECT_EQ(queue.memory.held, queue.uploads[0]->bytes());
}

TEST_F(AccountsTest, NoFaultTellsAPassword) {
  for (const char* record :
       {R"({"id":"ana","email":"a@x.org","password":"hunter2","password":"hunter2 is it"})",
        R"({"id":"ana","email":"nobody","password":"hunter2 is it"})",
        R"({"id":"ana","email":"a@x.org","password":["hunter2 is it"]})",
        R"({"id":"ana","email":"a@x.org","password":"hunter2)", R"({"id":"ana","password":"hunter2 is it"})",
        R"({"id":"","email":"a@x.org","password":"hunter2 is it"})"}) {
    const auto said = ask({"POST", kMembers, record});
    ASSERT_TRUE(said) << record;
    EXPECT_GE(said->status, 400) << record;
    EXPECT_THAT(said->body, Not(HasSubstr("hunter2"))) << record;
  }
}

}  // namespace
}  // namespace comporta::gateway
