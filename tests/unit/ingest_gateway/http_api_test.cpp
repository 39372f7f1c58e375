#include "services/ingest-gateway/http_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/ingest_gateway/gateway_api.h"

namespace comporta::gateway {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

constexpr const char* kBody =
    R"({"id":"a 1","cpf":"15350946056","card":{"number":"4111111111111234","cvv":"987"}})";

TEST_F(GatewayApi, PutSetsTheRecordOfItsAddress) {
  EXPECT_FALSE(ask("PUT", "/api/v1/records/purchase/a%201", kBody));
  ASSERT_EQ(queue.uploads.size(), 1U);
  EXPECT_THAT(line(), HasSubstr(R"("records":[{"id":"a 1",)"));
  EXPECT_THAT(line(), Not(HasSubstr("action")));
}

TEST_F(GatewayApi, DeleteBecomesATombstone) {
  EXPECT_FALSE(ask("DELETE", "/api/v1/records/purchase/a%2F%22%0A%C3%A7/x"));
  ASSERT_EQ(queue.uploads.size(), 1U);
  EXPECT_TRUE(line().ends_with(R"(,"action":"delete","records":[{"id":"a/\"\nç/x"}]})"
                               "\n"))
      << line();
}

TEST_F(GatewayApi, PutWantsOneRecordWithTheKeyOfItsAddress) {
  for (const auto& [path, body] :
       {std::pair{"/api/v1/records/purchase/b", std::string(kBody)},
        {"/api/v1/records/purchase/a+1", std::string(kBody)},
        {"/api/v1/records/purchase/a%201", "[" + std::string(kBody) + "," + kBody + "]"},
        {"/api/v1/records/purchase/a%201", std::string(R"({"id":"a 1"})")},
        {"/api/v1/records/plain/a%201", std::string("[]")}}) {
    const auto answer = ask("PUT", path, body);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 422) << answer->body;
  }
  EXPECT_TRUE(queue.uploads.empty());
}

TEST_F(GatewayApi, SaysWhichMemberHasAnotherKey) {
  const auto answer = ask("PUT", "/api/v1/records/purchase/b", kBody);
  ASSERT_TRUE(answer);
  EXPECT_THAT(answer->body, HasSubstr(R"("errors":[{"index":0,"pointer":"/id","keyword":"const")"));
}

TEST_F(GatewayApi, RefusesKeysThatNoRecordCanHave) {
  for (const char* bad : {"", "%", "%zz", "%00", "%ff", "%C3"}) {
    const auto answer = ask("DELETE", std::string("/api/v1/records/purchase/") + bad);
    ASSERT_TRUE(answer) << bad;
    EXPECT_EQ(answer->status, 400) << bad;
  }
  const auto too_long = ask("DELETE", "/api/v1/records/purchase/" + std::string(65, 'k'));
  ASSERT_TRUE(too_long);
  EXPECT_EQ(too_long->status, 422);
  EXPECT_THAT(too_long->body, HasSubstr(R"("pointer":"/id","keyword":"maxLength")"));
  EXPECT_TRUE(queue.uploads.empty());
}

TEST_F(GatewayApi, AKeyThatIsInTheAddressAloneIsHeldToTheSchemaToo) {
  const auto put = [&](std::size_t length) {
    const std::string path = "/api/v1/records/visit/" + std::string(length, 'k');
    return ask({"PUT", path, R"({"guests":2})", "", people.token("stranger/y", {"admin"})});
  };
  const auto too_long = put(65);
  ASSERT_TRUE(too_long);
  EXPECT_EQ(too_long->status, 422);
  EXPECT_THAT(too_long->body, HasSubstr(R"("pointer":"/id","keyword":"maxLength")"));
  EXPECT_FALSE(put(64));
}

TEST_F(GatewayApi, OneRecordCanBeTriedToo) {
  for (const char* method : {"PUT", "DELETE"}) {
    const auto said =
        ask(method, "/api/v1/records/purchase/a%201?dry_run=true", std::string(method) == "PUT" ? kBody : "");
    ASSERT_TRUE(said) << method;
    EXPECT_EQ(said->status, 200);
    EXPECT_EQ(said->body, R"({"dry_run":true,"kind":"purchase","records":1,"parts":1})");
    EXPECT_EQ(ask(method, "/api/v1/records/purchase/a%201?force=true", kBody)->status, 400);
  }
  EXPECT_EQ(ask("PUT", "/api/v1/records/purchase/b?dry_run=true", kBody)->status, 422);
  EXPECT_TRUE(queue.uploads.empty());
}

/// What comes out of the transforms is held beside what goes in, and may be more.
TEST_F(GatewayApi, WhatTransformsMakeNeedsRoomToo) {
  std::string record = kBody;
  record.insert(record.size() - 1, std::string(60'000, ' '));
  EXPECT_EQ(ask("POST", "/api/v1/records/purchase", record)->status, 503);
  EXPECT_EQ(queue.memory.held, 0U);
  record.resize(record.size() - 1);
  record.erase(record.size() - 30'000) += "}";
  EXPECT_FALSE(ask("POST", "/api/v1/records/purchase", record)) << "half as much has room";
  ASSERT_EQ(queue.uploads.size(), 1U);
  EXPECT_EQ(queue.memory.held, queue.uploads[0]->bytes());
}

TEST_F(GatewayApi, DeleteHasNoBody) {
  const auto answer = ask("DELETE", "/api/v1/records/purchase/a", "{}");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 400);
}

TEST_F(GatewayApi, SaysWhichMethodsThereAre) {
  for (const char* method : {"GET", "PUT", "DELETE", "PATCH"}) {
    const auto answer = ask(method, "/api/v1/records/purchase");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 405);
    EXPECT_THAT(answer->headers, Contains(Pair("Allow", "POST")));
  }
  for (const char* method : {"GET", "POST", "PATCH"}) {
    const auto answer = ask(method, "/api/v1/records/purchase/a");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 405);
    EXPECT_THAT(answer->headers, Contains(Pair("Allow", "GET, HEAD, PUT, DELETE")));
  }
  EXPECT_EQ(ask("DELETE", "/api/v1/records/unknown/a")->status, 404);
}

TEST_F(GatewayApi, ARepeatIsToldByItsKey) {
  ask("DELETE", "/api/v1/records/purchase/a", "", "k");
  ask("DELETE", "/api/v1/records/purchase/a", "", "k");
  ASSERT_EQ(queue.uploads.size(), 2U);
  EXPECT_EQ(queue.uploads[0]->header.upload, queue.uploads[1]->header.upload);
  const auto other = ask("DELETE", "/api/v1/records/purchase/b", "", "k");
  ASSERT_TRUE(other);
  EXPECT_EQ(other->status, 409);
}

TEST_F(GatewayApi, SettingAndTakingAwayAreTwoThings) {
  ask("DELETE", "/api/v1/records/plain/a", "", "k");
  const auto answer = ask("PUT", "/api/v1/records/plain/a", R"({"id":"a"})", "k");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 409);
}

TEST_F(GatewayApi, PublishesWhatTheTransformsLeave) {
  ask("POST", "/api/v1/records/purchase", std::string("[") + kBody + "]");
  ASSERT_EQ(queue.uploads.size(), 1U);
  EXPECT_THAT(line(), HasSubstr(R"("card":{"number":"**** **** **** 1234"}})"));
  EXPECT_THAT(queue.uploads[0]->body, Not(HasSubstr("41111")));
  EXPECT_THAT(queue.uploads[0]->body, Not(HasSubstr("15350946056")));
}

/// A digest of what came could be tried out against every code there is.
TEST_F(GatewayApi, TheDigestIsOfWhatIsPublished) {
  const std::string body = kBody;
  ask("POST", "/api/v1/records/purchase", body, "k");
  ask("POST", "/api/v1/records/purchase", std::string(body).replace(body.find("987"), 3, "123"), "k");
  ASSERT_EQ(queue.uploads.size(), 2U);
  EXPECT_EQ(queue.uploads[0]->header.digest, queue.uploads[1]->header.digest);
}

TEST_F(GatewayApi, FaultsDoNotSayTheValue) {
  for (const char* card :
       {R"({"number":"4111111111111234-4111111111111234"})", R"({"number":4111111111111234})",
        R"({"number":"1","cvv":"4111111111111234"})", R"("4111111111111234")",
        R"({"number":"4111111111111234","cvv":"its code","cvv":"its code"})",
        R"({"number":"4111111111111234)"}) {
    const auto answer =
        ask("POST", "/api/v1/records/purchase", std::string(R"({"id":"a","cpf":"1","card":)") + card + "}");
    ASSERT_TRUE(answer) << card;
    EXPECT_GE(answer->status, 400);
    EXPECT_THAT(answer->body, Not(HasSubstr("4111111"))) << card;
    EXPECT_THAT(answer->body, Not(HasSubstr("its code"))) << card;
  }
}

}  // namespace
}  // namespace comporta::gateway
