#include "services/cache/sessions/credentials.h"

#include <gtest/gtest.h>

namespace comporta {
namespace {

HttpRequest request_of(std::string body, std::string type = "application/json", std::string query = "") {
  return {.method = "POST",
          .path = "/api/v1/sessions",
          .query = std::move(query),
          .headers = {{"content-type", std::move(type)}},
          .body = std::move(body)};
}

/// `kind|login|password`, or the status of the refusal.
std::string read(const HttpRequest& request) {
  const auto read = read_credentials(request);
  if (const auto* problem = std::get_if<Problem>(&read)) return std::to_string(problem->status);
  const auto& credentials = std::get<Credentials>(read);
  return credentials.kind + "|" + credentials.login + "|" + credentials.password;
}

constexpr char kForm[] = "application/x-www-form-urlencoded";

TEST(Credentials, ComeAsJsonOrAsAForm) {
  EXPECT_EQ(read(request_of(R"({"kind":"client","login":"ana","password":" Açaí 😀 "})")),
            "client|ana| Açaí 😀 ");
  EXPECT_EQ(read(request_of(R"({"username":"ana","password":"p","more":[1]})",
                            "application/json; charset=utf-8", "kind=client")),
            "client|ana|p");
  EXPECT_EQ(read(request_of("username=ana%40example.com&password=a+b%2B", kForm, "kind=client")),
            "client|ana@example.com|a b+");
  EXPECT_EQ(read(request_of("kind=client&login=ana&password=p&grant_type=password", kForm, "kind=client")),
            "client|ana|p");
}

TEST(Credentials, ALoginNameIsTheSameHoweverItIsWritten) {
  const std::string composed = "client|jos\u00e9 da silva|p";
  EXPECT_EQ(read(request_of("{\"kind\":\"client\",\"login\":\"JOS\u00c9  da Silva \",\"password\":\"p\"}")),
            composed);
  EXPECT_EQ(read(request_of("{\"kind\":\"client\",\"login\":\" Jose\u0301 da SILVA\",\"password\":\"p\"}")),
            composed);
  EXPECT_EQ(read(request_of(R"({"kind":"client","login":"ana😀","password":"p"})")), "client|ana😀|p");
}

TEST(Credentials, NothingButTheKindIsTakenFromTheAddress) {
  for (const auto* query : {"password=p", "login=ana", "kind=client&password=p", "kind=client&kind=client",
                            "secret", "kind=client&username=ana", "refresh_token=x", "kind=%zz"})
    EXPECT_EQ(
        read(request_of(R"({"kind":"client","login":"ana","password":"p"})", "application/json", query)),
        "400")
        << query;
  const auto problem =
      std::get<Problem>(read_credentials(request_of("", "application/json", "hunter2=hunter3")));
  EXPECT_EQ(problem.detail.find("hunter"), std::string::npos);
}

TEST(Credentials, AreRefusedWhereSomethingIsMissingOrTwice) {
  for (const auto* body : {"", "{}", R"({"kind":"client","login":"ana"})",
                           R"({"kind":"client","password":"p"})", R"({"login":"ana","password":"p"})",
                           R"({"kind":"client","login":"a","username":"b","password":"p"})"})
    EXPECT_EQ(read(request_of(body)), "422") << body;
  EXPECT_EQ(
      read(request_of(R"({"kind":"client","login":"a","password":"p"})", "application/json", "kind=other")),
      "422");
}

TEST(Credentials, AreRefusedWhereTheBodyIsMalformed) {
  for (const std::string body :
       {"[]", "{", "x", "1", R"({"kind":"client","login":"a","login":"b","password":"p"})",
        "{\"kind\":\"client\",\"login\":\"a\xff\",\"password\":\"p\"}",
        R"({"kind":"client","login":1,"password":"p"})", R"({"kind":"client","login":"a","password":null})",
        R"({"kind":"client","login":"a","username":{},"password":"p"})",
        R"({"kind":["client"],"login":"a","password":"p"})", R"({"refresh_token":5})",
        R"({"kind":"client","login":"a\u0000","password":"p"})",
        R"({"kind":"client","login":"a\udc00","password":"p"})"})
    EXPECT_EQ(read(request_of(body)), "400") << body;
  EXPECT_EQ(read(request_of(std::string("{}\0", 3))), "400");
  for (const auto* body : {"kind", "kind=a&kind=b", "login=%00", "login=%ff&kind=client&password=p", "%=1"})
    EXPECT_EQ(read(request_of(body, kForm)), "400") << body;
}

TEST(Credentials, AreOfTypesThatAreKnownAndSmall) {
  for (const auto* type : {"", "text/plain", "multipart/form-data; boundary=x", "application/jsonp"})
    EXPECT_EQ(read(request_of("{}", type)), "415") << type;
  HttpRequest zipped = request_of("{}");
  zipped.headers.emplace_back("content-encoding", "gzip");
  EXPECT_EQ(read(zipped), "415");
  const std::string start = R"({"kind":"client","login":"ana","password":")";
  EXPECT_EQ(read(request_of(start + std::string(kLargestLogin - start.size() - 2, 'p') + "\"}")).size(),
            std::string("client|ana|").size() + kLargestLogin - start.size() - 2);
  EXPECT_EQ(read(request_of(start + std::string(kLargestLogin - start.size() - 1, 'p') + "\"}")), "413");
  EXPECT_EQ(read(request_of(std::string(kLargestLogin + 1, 'x'), "text/plain")), "413");
}

TEST(Credentials, APasswordIsTakenAsItIs) {
  const auto read =
      read_credentials(request_of(R"({"kind":"client","login":"ana","password":"a\u0000b\u0007"})"));
  EXPECT_EQ(std::get<Credentials>(read).password, std::string("a\0b\a", 4));
}

}  // namespace
}  // namespace comporta
