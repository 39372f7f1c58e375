#include "services/cache/lookups/provider.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/cache/sample_lookup.h"

namespace comporta {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kCpf = "15350946056";

IncomingAnswer answer(std::string body, int status = 200) {
  return {.token = 1, .status = status, .body = std::move(body)};
}

std::string read(const std::string& name, const IncomingAnswer& said) {
  auto result = result_in(said, sample_declared(name));
  const auto* none = std::get_if<NoAnswer>(&result);
  return none == nullptr ? std::get<std::string>(result) : "none: " + none->why;
}

std::string credit(const std::string& value) {
  return read("cashback", answer(R"({"statusCode":200,"body":{"credit":)" + value + "}}"));
}

TEST(LookupProvider, IsAskedAtItsAddressWithItsHeaders) {
  const Lookup lookup = sample_lookup("rate");
  const auto url = url_for(lookup, {{"code", "a/b&c?d=é%"}, {"on", "2026-01-01"}});
  EXPECT_EQ(url, "https://Provider.example:8443/v1/rates/a%2Fb%26c%3Fd%3D%C3%A9%25?on=2026-01-01");
  const OutgoingRequest request = request_for(lookup, *url);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.headers.at("Authorization"), "Bearer the-token");
  EXPECT_EQ(request.headers.at("Accept"), "application/json");
  EXPECT_EQ(request.timeout, std::chrono::seconds(1));
  EXPECT_EQ(request.max_answer_bytes, 64U * 1024);
}

TEST(LookupProvider, IsNotAskedAtAnotherPath) {
  const Lookup lookup = sample_lookup("rate");
  for (const auto* code : {".", ".."})
    EXPECT_EQ(url_for(lookup, {{"code", code}, {"on", ".."}}), std::nullopt) << code;
  for (const auto* code : {"...", "a.", ".a", "../x"})
    EXPECT_NE(url_for(lookup, {{"code", code}, {"on", ".."}}), std::nullopt) << code;
}

TEST(LookupProvider, MayHaveAnyAddressOnlyWhereItsHostIsNamed) {
  LookupSettings settings;
  settings.private_hosts = {"elsewhere.example", "provider"};
  EXPECT_FALSE(request_for(sample_lookup("rate", settings), "").to_any_address);
  settings.private_hosts = {"provider.example"};
  EXPECT_TRUE(request_for(sample_lookup("rate", settings), "").to_any_address);
}

TEST(LookupProvider, LacksWhatTheInstallationDoesNotHave) {
  EXPECT_EQ(sample_lookup("rate").missing, "");
  const test::TemporaryFolder folder;
  LookupSettings settings;
  EXPECT_THAT(set_up("sale", "rate", sample_declared("rate"), settings, "").missing,
              HasSubstr("`provider_token`"));
  settings.secrets_dir = folder.path();
  for (const auto* secret : {"", "\n", "a\r\nHost: b", "caf\xc3\xa9"}) {
    std::ofstream(folder.path() / "provider_token") << secret;
    EXPECT_THAT(set_up("sale", "rate", sample_declared("rate"), settings, "").missing,
                HasSubstr("no secret"));
  }
  KindLookup without_host = sample_declared("elsewhere");
  without_host.host.clear();
  EXPECT_THAT(set_up("sale", "elsewhere", without_host, settings, "").missing, HasSubstr("no host"));
}

TEST(LookupProvider, WhatIsAskedCannotBeReadInItsKey) {
  const auto key = [](const Lookup& lookup, const std::string& cpf) {
    return key_for(lookup, url_for(lookup, {{"cpf", cpf}}).value());
  };
  const Lookup lookup = sample_lookup("cashback");
  EXPECT_EQ(key(lookup, kCpf), key(sample_lookup("cashback"), kCpf)) << "other daemons find it";
  EXPECT_THAT(key(lookup, kCpf), Not(HasSubstr(kCpf)));
  EXPECT_NE(key(lookup, kCpf), key(lookup, "11144477735"));
  EXPECT_NE(key(lookup, kCpf), key(sample_lookup("cashback", {}, "another"), kCpf)) << "no plain hash of it";
  EXPECT_NE(key(lookup, kCpf), key(sample_lookup("fresh"), kCpf));
}

TEST(LookupProvider, OfItsAnswerTheResultIsTaken) {
  EXPECT_EQ(credit("1234"), R"({"credit":1234})");
  EXPECT_EQ(credit("-0.5"), R"({"credit":-0.5})");
  EXPECT_EQ(credit("0"), R"({"credit":0})");
  EXPECT_EQ(read("rate", answer(R"({"name":"dó\"lar","more":[{}],"fixed":false,"rate":12.25})")),
            R"({"fixed":false,"name":"dó\"lar","rate":12.25})");
  EXPECT_EQ(read("cashback", answer(R"({"statusCode":"200","body":{"credit":1}})")), R"({"credit":1})");
}

TEST(LookupProvider, WhatIsNoAnswerIsNone) {
  for (const auto* value : {"\"1\"", "null", "true", "[1]", "{}", "1e999", "NaN", ""})
    EXPECT_THAT(credit(value), HasSubstr("none: its answer ")) << value;
  const std::string good = R"({"statusCode":200,"body":{"credit":1}})";
  for (const int status : {0, 201, 204, 301, 302, 401, 404, 500})
    EXPECT_THAT(read("cashback", answer(good, status)), HasSubstr("none: ")) << status;
  for (const std::string& body :
       {std::string(), std::string("<html>200</html>"), good.substr(1), good + "x",
        good + std::string("\0", 1),
        std::string("{\"statusCode\":200,\"body\":{\"credit\":1},\"x\":\"\xff\"}"), std::string("[200]"),
        std::string(R"({"statusCode":200})"), std::string(R"({"statusCode":200,"body":[1]})"),
        std::string(R"({"statusCode":500,"body":{"credit":1}})"), std::string(R"({"body":{"credit":1}})"),
        std::string(R"({"statusCode":[200],"body":{"credit":1}})"), std::string(100'000, '[')})
    EXPECT_THAT(read("cashback", answer(body)), HasSubstr("none: its answer ")) << body.substr(0, 60);
}

TEST(LookupProvider, WhyItIsNoneQuotesNothing) {
  const std::string body = R"({"statusCode":")" + std::string(kCpf) + R"(","body":{"credit":"the-token"}})";
  EXPECT_THAT(read("cashback", answer(body)), Not(HasSubstr(kCpf)));
  EXPECT_THAT(read("fresh", answer(R"({"statusCode":200,"body":{"credit":"the-token"}})")),
              Not(HasSubstr("the-token")));
}

}  // namespace
}  // namespace comporta
