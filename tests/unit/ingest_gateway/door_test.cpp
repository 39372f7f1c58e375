#include "services/ingest-gateway/door.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/ingest_gateway/gateway_api.h"

namespace comporta::gateway {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

/// Whether each may do something, in the order of kAsked.
struct Row {
  const char* method;
  const char* path;
  std::vector<int> statuses;
};

class DoorTest : public GatewayApi {
 protected:
  using GatewayApi::GatewayApi;

  void expect(const std::vector<Row>& rows) {
    const std::vector<std::string> asked{"", people.token("member/ana"), people.token("stranger/x"),
                                         people.token("member/bob", {"clerk"}),
                                         people.token("stranger/y", {"admin"})};
    for (const Row& row : rows) {
      std::vector<int> statuses;
      for (const std::string& token : asked)
        statuses.push_back(status({row.method, row.path, body_of(row), "", token}));
      EXPECT_EQ(statuses, row.statuses) << row.method << " " << row.path;
    }
    settle();
  }
  static std::string body_of(const Row& row) {
    const std::string_view path = row.path;
    if (row.method == std::string_view("DELETE")) return "";
    if (path.find("/booking") != path.npos) return R"({"table":1})";
    if (path.find("/notice") != path.npos) return R"({"id":"n","text":"x"})";
    if (path.find("/member") != path.npos)
      return R"({"id":"ana","email":"a@x.org","password":"correct horse battery"})";
    return R"({"id":"a"})";
  }
};

class ClosedDoorTest : public DoorTest {
 protected:
  ClosedDoorTest() : DoorTest(true) {}
};

// nobody, an account, an account of another kind, one with a role, an admin
TEST_F(DoorTest, LetsEachDoWhatTheKindSays) {
  expect({{"POST", "/api/v1/records/plain", {202, 202, 202, 202, 202}},
          {"DELETE", "/api/v1/records/plain/a", {202, 202, 202, 202, 202}},
          {"POST", "/api/v1/records/booking", {401, 202, 403, 202, 202}},
          {"PUT", "/api/v1/records/booking/b", {401, 202, 403, 202, 202}},
          {"DELETE", "/api/v1/records/booking/b", {401, 202, 403, 202, 202}},
          {"POST", "/api/v1/records/notice", {401, 403, 403, 202, 202}},
          {"PUT", "/api/v1/records/notice/n", {401, 403, 403, 202, 202}},
          {"DELETE", "/api/v1/records/notice/n", {401, 403, 403, 202, 202}},
          {"POST", "/api/v1/records/member", {202, 202, 202, 202, 202}},
          {"PUT", "/api/v1/records/member/ana", {401, 202, 403, 202, 202}},
          {"DELETE", "/api/v1/records/member/ana", {401, 202, 403, 202, 202}},
          {"POST", "/api/v1/records/badge", {401, 403, 403, 422, 422}}});
}

TEST_F(ClosedDoorTest, AsksForALoginButToSignUp) {
  expect({{"POST", "/api/v1/records/plain", {401, 202, 202, 202, 202}},
          {"PUT", "/api/v1/records/plain/a", {401, 202, 202, 202, 202}},
          {"DELETE", "/api/v1/records/plain/a", {401, 202, 202, 202, 202}},
          {"POST", "/api/v1/records/booking", {401, 202, 403, 202, 202}},
          {"POST", "/api/v1/records/member", {202, 202, 202, 202, 202}}});
}

/// Whether the record is there is not known here.
TEST_F(DoorTest, SettingARecordTakesTheRightToChange) {
  const std::string notice = R"({"id":"n","text":"x"})";
  const std::string cook = people.token("member/carl", {"cook"});
  EXPECT_EQ(status({"POST", "/api/v1/records/notice", notice, "", cook}), 202);
  EXPECT_EQ(status({"PUT", "/api/v1/records/notice/n", notice, "", cook}), 403);
  const std::string own = R"({"name":"carl","password":"correct horse battery"})";
  EXPECT_EQ(status({"POST", "/api/v1/records/badge", own, "", people.token("badge/c")}), 403);
  EXPECT_EQ(status({"PUT", "/api/v1/records/badge/c", own, "", people.token("badge/c")}), 202);
  settle();
}

/// Nobody looks at what is there when such a kind's records are applied.
TEST_F(DoorTest, SettingARecordOfAKindThatComparesTakesBothRights) {
  const std::string body = R"({"id":"r","value":1})";
  EXPECT_EQ(status({"PUT", "/api/v1/records/reading/r", body}), 401);
  EXPECT_EQ(status({"DELETE", "/api/v1/records/reading/r"}), 202);
  EXPECT_EQ(status({"PUT", "/api/v1/records/reading/r", body, "", people.token("stranger/x")}), 403);
  EXPECT_EQ(status({"PUT", "/api/v1/records/reading/r", body, "", people.token("member/a")}), 202);
}

/// Of nobody it could not be told later whether they may create; and whose would it be?
TEST_F(DoorTest, NobodySetsARecordThatTheyMightNotCreate) {
  const std::string path = "/api/v1/records/wall/w";
  EXPECT_EQ(status({"PUT", path, R"({"id":"w"})"}), 401);
  EXPECT_EQ(status({"DELETE", path}), 202);
  EXPECT_EQ(status({"PUT", path, R"({"id":"w"})", "", people.token("stranger/x")}), 202);
  EXPECT_THAT(line(), HasSubstr(R"({"who":"x","id":"w"})"));
}

TEST_F(DoorTest, DoesNotLookAtTheBodyOfSomebodyWhoMayNot) {
  const auto refused = ask({"POST", "/api/v1/records/notice", "nonsense"});
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 401);
  EXPECT_THAT(refused->body, HasSubstr("urn:comporta:problem:log-in"));
  EXPECT_THAT(refused->headers, Contains(Pair("WWW-Authenticate", "Bearer")));
  const auto forbidden = ask({"POST", "/api/v1/records/notice", "nonsense", "", people.token("member/ana")});
  ASSERT_TRUE(forbidden);
  EXPECT_EQ(forbidden->status, 403);
  EXPECT_THAT(forbidden->body, HasSubstr("urn:comporta:problem:not-allowed"));
}

TEST_F(DoorTest, RefusesABadTokenWhereAnyoneMay) {
  for (const char* bad : {"Bearer nonsense", "Basic YTpi", "Bearer"}) {
    const auto refused = ask({"POST", "/api/v1/records/plain", R"({"id":"a"})", "", bad});
    ASSERT_TRUE(refused) << bad;
    EXPECT_EQ(refused->status, 401) << bad;
    EXPECT_THAT(refused->body, HasSubstr("urn:comporta:problem:token"));
  }
  EXPECT_TRUE(queue.uploads.empty());
}

TEST_F(DoorTest, SaysWithThePartWhoSentItAndInWhatRole) {
  ask({"POST", "/api/v1/records/plain", R"({"id":"a"})"});
  EXPECT_THAT(line(), HasSubstr(R"("principal":"","records")"));
  ask({"POST", "/api/v1/records/plain", R"({"id":"a"})", "", people.token("member/ana")});
  EXPECT_THAT(line(), HasSubstr(R"("principal":"member/ana","records")"));
  ask({"DELETE", "/api/v1/records/plain/a", "", "", people.token("member/bob", {"clerk", "cook"})});
  EXPECT_THAT(line(), HasSubstr(R"("principal":"member/bob","roles":["clerk","cook"],"action")"));
}

TEST_F(DoorTest, TheSameKeyOfAnotherCallerIsAnotherUpload) {
  for (const std::string& token : {std::string(), people.token("member/ana"), people.token("member/bob")})
    EXPECT_FALSE(ask({"POST", "/api/v1/records/plain", R"({"id":"a"})", "k", token}));
  ASSERT_EQ(queue.uploads.size(), 3U);
  EXPECT_NE(queue.uploads[0]->header.upload, queue.uploads[1]->header.upload);
  EXPECT_NE(queue.uploads[1]->header.upload, queue.uploads[2]->header.upload);
}

TEST_F(DoorTest, APartKnowsWhereItBegins) {
  std::string body = "[{\"id\":\"a\"}";
  for (int i = 1; i < 1'500; ++i) body += R"(,{"id":"a"})";
  EXPECT_FALSE(ask("POST", "/api/v1/records/plain", body + "]"));
  EXPECT_THAT(line(), Not(HasSubstr("\"first\"")));
  std::string second;
  queue.uploads.back()->append_part(second, 1);
  EXPECT_THAT(second, HasSubstr(R"("part":2,"parts":2,"first":1000,"received")"));
}

TEST_F(DoorTest, RefusalsAreCounted) {
  status({"POST", "/api/v1/records/notice", "{}"});
  status({"POST", "/api/v1/records/notice", "{}", "", people.token("member/ana")});
  EXPECT_THAT(people.metrics_text(), HasSubstr("comporta_access_refused_total 2"));
}

}  // namespace
}  // namespace comporta::gateway
