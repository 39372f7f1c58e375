#include "common/http/problem_response.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace comporta {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(Problem, SaysAllThatIsKnown) {
  const Problem problem{.status = 422,
                        .type = "urn:comporta:problem:schema",
                        .title = "Records do not fit their schema",
                        .detail = "2 of 4 records",
                        .errors = {{0, "", "type", "not an object"}, {3, "/e\"mail", "pattern", "no e-mail"}},
                        .line = 7,
                        .column = 12};
  const HttpResponse response = problem_response(problem, "/api/v1/records/transaction", "4bf9");
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_THAT(response.headers, IsEmpty());
  EXPECT_EQ(response.body,
            R"({"type":"urn:comporta:problem:schema","title":"Records do not fit their schema","status":422,)"
            R"("detail":"2 of 4 records","instance":"/api/v1/records/transaction","trace_id":"4bf9",)"
            R"("line":7,"column":12,)"
            R"("errors":[{"index":0,"pointer":"","keyword":"type","detail":"not an object"},)"
            R"({"index":3,"pointer":"/e\"mail","keyword":"pattern","detail":"no e-mail"}]})"
            "\n");
}

TEST(Problem, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(problem_response({.status = 400, .title = "Bad", .detail = ""}, "/x", "").body,
            R"({"type":"about:blank","title":"Bad","status":400,"instance":"/x"})"
            "\n");
}

TEST(Problem, EscapesTheRequestsPath) {
  EXPECT_THAT(problem_response(not_found("no"), "/\"\xFF", "").body,
              testing::HasSubstr("\"instance\":\"/\\\"\xEF\xBF\xBD\""));
}

TEST(Problem, StockProblemsCarryTheirHeaders) {
  EXPECT_EQ(not_found("no such kind").status, 404);
  EXPECT_THAT(problem_response(not_found("no such kind"), "/", "").headers, IsEmpty());

  const HttpResponse method = problem_response(method_not_allowed("GET, HEAD"), "/", "");
  EXPECT_EQ(method.status, 405);
  EXPECT_THAT(method.headers, ElementsAre(Pair("Allow", "GET, HEAD")));

  const HttpResponse away = problem_response(unavailable("the broker is away"), "/", "");
  EXPECT_EQ(away.status, 503);
  EXPECT_THAT(away.headers, ElementsAre(Pair("Retry-After", "1")));
}

TEST(Problem, SaysWhetherATokenCameThatIsNotBelieved) {
  const auto challenge = [](std::string type) {
    return problem_response({.status = 401, .type = std::move(type), .title = "No"}, "/", "").headers;
  };
  EXPECT_THAT(challenge("urn:comporta:problem:log-in"), ElementsAre(Pair("WWW-Authenticate", "Bearer")));
  EXPECT_THAT(challenge("urn:comporta:problem:token"),
              ElementsAre(Pair("WWW-Authenticate", "Bearer error=\"invalid_token\"")));
}

}  // namespace
}  // namespace comporta
