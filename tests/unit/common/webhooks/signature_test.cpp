#include "common/webhooks/signature.h"

#include <gtest/gtest.h>

namespace comporta {
namespace {

using namespace std::chrono_literals;
using Query = std::map<std::string, std::string>;
using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr WallClock::time_point at(std::int64_t seconds) {
  return WallClock::time_point(std::chrono::seconds(seconds));
}

/// A notice with a signature that is good, by a scheme's makers or, where they show no secret, by another
/// implementation of what they say.
struct Good {
  SignatureRule rule;
  HttpRequest request;
  Query query = {};
  WallClock::time_point now = {};

  SignatureVerdict verdict() const { return verify_signature(rule, request, query, now); }
  Good with(const std::string& name, const std::string& value) const {
    Good other = *this;
    std::erase_if(other.request.headers, [&](const auto& header) { return header.first == name; });
    if (!value.empty()) other.request.headers.emplace_back(name, value);
    return other;
  }
  Good with_id(const std::string& id) const {
    Good other = *this;
    other.query["data.id"] = id;
    return other;
  }
  Good with_body(const std::string& body) const {
    Good other = *this;
    other.request.body = body;
    return other;
  }
  Good at_time(WallClock::time_point time) const {
    Good other = *this;
    other.now = time;
    return other;
  }
  Good with_keys(std::vector<std::string> keys) const {
    Good other = *this;
    other.rule.keys = std::move(keys);
    return other;
  }
};

SignatureRule rule_for(SignatureScheme scheme, std::string_view secret) {
  return {.scheme = scheme, .keys = {signing_key(scheme, secret).value()}};
}

HttpRequest request_with(Headers headers, std::string body = "") {
  return {.method = "POST",
          .path = "/api/v1/hooks/notice",
          .query = {},
          .headers = std::move(headers),
          .body = std::move(body)};
}

constexpr std::string_view kPanelSecret = "panel secret of the tests, 2026";
constexpr std::int64_t kTs = 1704908010;  // of the makers' own example

/// Computed with Python's hmac.
Good mercadopago() {
  return {rule_for(SignatureScheme::kMercadoPago, kPanelSecret),
          request_with({{"x-signature",
                         "ts=1704908010,v1=ff47727548cad73903f4b3f11afc32b1d8c7fd898c7a2d6b4b841787a3f0c4a7"},
                        {"x-request-id", "bb56a2f1-6aae-46ac-982e-9dcd3581d08e"}},
                       R"({"type":"payment","data":{"id":"132646402927"}})"),
          {{"data.id", "132646402927"}, {"type", "payment"}},
          at(kTs)};
}

constexpr std::int64_t kTimestamp = 1614265330;

/// The vector of github.com/standard-webhooks/standard-webhooks.
Good standard_webhooks() {
  return {rule_for(SignatureScheme::kStandardWebhooks, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
          request_with({{"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"},
                        {"webhook-timestamp", "1614265330"},
                        {"webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}},
                       R"({"test": 2432232314})"),
          {},
          at(kTimestamp)};
}

/// That of docs.github.com, "Validating webhook deliveries".
Good github() {
  return {rule_for(SignatureScheme::kGitHub, "It's a Secret to Everybody"),
          request_with({{"x-hub-signature-256",
                         "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}},
                       "Hello, World!")};
}

TEST(Signature, IsGoodAsItsMakersShow) {
  EXPECT_EQ(mercadopago().verdict(), SignatureVerdict::kGood);
  EXPECT_EQ(standard_webhooks().verdict(), SignatureVerdict::kGood);
  EXPECT_EQ(github().verdict(), SignatureVerdict::kGood);
}

TEST(Signature, OfAnotherKeyIsWrong) {
  for (const Good& good : {mercadopago(), standard_webhooks(), github()}) {
    const std::string key = good.rule.keys.at(0);
    EXPECT_EQ(good.with_keys({"another"}).verdict(), SignatureVerdict::kWrong);
    EXPECT_EQ(good.with_keys({}).verdict(), SignatureVerdict::kWrong) << "where none is known";
    EXPECT_EQ(good.with_keys({"another", key}).verdict(), SignatureVerdict::kGood) << "while they change";
    EXPECT_EQ(good.with_keys({key, "another"}).verdict(), SignatureVerdict::kGood);
  }
}

TEST(Signature, WithoutOneThereIsNone) {
  EXPECT_EQ(mercadopago().with("x-signature", "").verdict(), SignatureVerdict::kAbsent);
  EXPECT_EQ(standard_webhooks().with("webhook-signature", "").verdict(), SignatureVerdict::kAbsent);
  EXPECT_EQ(github().with("x-hub-signature-256", "").verdict(), SignatureVerdict::kAbsent);
}

TEST(Signature, HoldsForSomeTime) {
  for (const Good& good : {mercadopago(), standard_webhooks()}) {
    EXPECT_EQ(good.at_time(good.now + 300s).verdict(), SignatureVerdict::kGood);
    EXPECT_EQ(good.at_time(good.now + 301s).verdict(), SignatureVerdict::kOutsideWindow);
    EXPECT_EQ(good.at_time(good.now - 300s).verdict(), SignatureVerdict::kGood);
    EXPECT_EQ(good.at_time(good.now - 301s).verdict(), SignatureVerdict::kOutsideWindow);
  }
  EXPECT_EQ(github().at_time(at(kTs)).verdict(), SignatureVerdict::kGood) << "it says no time";
}

TEST(MercadoPagoSignature, IsOfTheIdTheRequestAndTheTime) {
  const Good good = mercadopago();
  EXPECT_EQ(good.with_id("132646402928").verdict(), SignatureVerdict::kWrong);
  EXPECT_EQ(good.with("x-request-id", "another").verdict(), SignatureVerdict::kWrong);
  EXPECT_EQ(good.with("x-request-id", "").verdict(), SignatureVerdict::kWrong);
  EXPECT_EQ(good.with("x-signature",
                      "ts=1704908011,v1=ff47727548cad73903f4b3f11afc32b1d8c7fd898c7a2d6b4b841787a3f0c4a7")
                .verdict(),
            SignatureVerdict::kWrong);
  EXPECT_EQ(good.with_body("anything").verdict(), SignatureVerdict::kGood) << "the body is not signed";
}

TEST(MercadoPagoSignature, LeavesOutWhatIsAbsent) {
  const Good good = mercadopago().with("x-request-id", "");
  EXPECT_EQ(good.with("x-signature",
                      "ts=1704908010,v1=9a9a0f26bd1fecd361eff8ee6ec3898020d5a7c19af9d0149b58cdd57371af65")
                .verdict(),
            SignatureVerdict::kGood);
}

TEST(MercadoPagoSignature, OfNoIdSaysNothingOfTheNotice) {
  Good earlier = mercadopago();
  earlier.query = {{"id", "132646402927"}, {"topic", "payment"}};
  EXPECT_EQ(earlier.verdict(), SignatureVerdict::kAbsent);
  EXPECT_EQ(mercadopago().with_id("").verdict(), SignatureVerdict::kAbsent);
}

TEST(MercadoPagoSignature, TakesIdsInLowerCaseAndAsTheyAreAndMilliseconds) {
  const Good good = mercadopago().with_id("ORD01K372G4J4FXZ9HGHZMJMGGPKE").with("x-request-id", "r-1");
  for (const char* signature : {"27e23fc4fa8418112da3a976874f13ec7f122ac440137f9737ac686fe8f598dc",
                                "b2e2f2be38de36ffb08fcb9c8c2de7d0d39b72057b6f0bc08debbd9f01c5cc4c"}) {
    const Good one = good.with("x-signature", std::string("ts=1704908010123,v1=") + signature);
    EXPECT_EQ(one.verdict(), SignatureVerdict::kGood);
    EXPECT_EQ(one.at_time(at(kTs + 301)).verdict(), SignatureVerdict::kOutsideWindow);
  }
}

TEST(MercadoPagoSignature, IsNotReadInTwoWays) {
  const Good good = mercadopago();
  const std::string request_id(good.request.header("x-request-id"));
  EXPECT_EQ(good.with_id("132646402927;request-id:" + request_id).with("x-request-id", "").verdict(),
            SignatureVerdict::kWrong);
  EXPECT_EQ(good.with("x-request-id", request_id + ";x:y").verdict(), SignatureVerdict::kWrong);
}

TEST(MercadoPagoSignature, MustBeWhole) {
  const std::string v1 = "v1=ff47727548cad73903f4b3f11afc32b1d8c7fd898c7a2d6b4b841787a3f0c4a7";
  const Good good = mercadopago();
  EXPECT_EQ(good.with("x-signature", v1 + ", ts=1704908010").verdict(), SignatureVerdict::kGood);
  const std::string ts = "ts=1704908010";
  const std::vector<std::string> malformed = {"x",
                                              v1,
                                              ts,
                                              ts + ",v1=",
                                              ts + "," + v1.substr(0, 66),
                                              ts + ";" + v1,
                                              ts + "," + v1 + "," + v1,
                                              "ts=," + v1,
                                              "ts=now," + v1,
                                              ts + "0," + v1,
                                              "ts=-704908010," + v1,
                                              ",,,"};
  for (const std::string& bad : malformed)
    EXPECT_EQ(good.with("x-signature", bad).verdict(), SignatureVerdict::kWrong) << bad;
}

TEST(StandardWebhooksSignature, IsOfTheIdTheTimeAndTheBody) {
  const Good good = standard_webhooks();
  EXPECT_EQ(good.with_body(R"({"test": 2432232315})").verdict(), SignatureVerdict::kWrong);
  EXPECT_EQ(good.with("webhook-id", "msg_another").verdict(), SignatureVerdict::kWrong);
  EXPECT_EQ(good.with("webhook-id", "").verdict(), SignatureVerdict::kWrong);
  EXPECT_EQ(good.with("webhook-timestamp", "1614265331").verdict(), SignatureVerdict::kWrong);
  EXPECT_EQ(good.with("webhook-timestamp", "").verdict(), SignatureVerdict::kWrong);
}

TEST(StandardWebhooksSignature, MayBeOneOfSeveral) {
  const std::string one(standard_webhooks().request.header("webhook-signature"));
  for (const std::string& several : {"v1,AAAA " + one, one + " v1a,BBBB", "v1a,x  " + one + " "})
    EXPECT_EQ(standard_webhooks().with("webhook-signature", several).verdict(), SignatureVerdict::kGood);
  for (const std::string& bad : {one.substr(3), "v1a," + one.substr(3), "v2," + one.substr(3), one + "x",
                                 std::string("v1,"), one.substr(0, one.size() - 1)})
    EXPECT_EQ(standard_webhooks().with("webhook-signature", bad).verdict(), SignatureVerdict::kWrong) << bad;
}

/// `msg.1614265330` and `{…}` are not `msg` and `1614265330.{…}`.
TEST(StandardWebhooksSignature, IsNotReadInTwoWays) {
  const Good good = standard_webhooks();
  const std::string key = good.rule.keys.at(0);
  const std::string signature = standard_webhooks_signature(key, "msg", "1", "1614265330.{}");
  const Good shifted = good.with("webhook-id", "msg.1").with_body("{}").with("webhook-signature", signature);
  EXPECT_EQ(shifted.verdict(), SignatureVerdict::kWrong);
}

TEST(StandardWebhooksSignature, IsMadeAsItIsChecked) {
  const Good good = standard_webhooks();
  EXPECT_EQ(standard_webhooks_signature(good.rule.keys.at(0), "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
                                        good.request.body),
            good.request.header("webhook-signature"));
}

TEST(StandardWebhooksSignature, HasASecretInBase64) {
  constexpr auto kScheme = SignatureScheme::kStandardWebhooks;
  EXPECT_EQ(signing_key(kScheme, "whsec_Zm9vYmFy"), "foobar");
  EXPECT_EQ(signing_key(kScheme, "Zm9vYg=="), "foob") << "also without what it begins with";
  EXPECT_EQ(signing_key(kScheme, "+/8="), "\xFB\xFF");
  for (const char* bad : {"", "whsec_", "whsec_not base64", "-_8"})
    EXPECT_EQ(signing_key(kScheme, bad), std::nullopt) << bad;
  EXPECT_EQ(signing_key(SignatureScheme::kGitHub, "any text"), "any text");
  EXPECT_EQ(signing_key(SignatureScheme::kMercadoPago, ""), std::nullopt);
}

TEST(GitHubSignature, IsOfTheBody) {
  EXPECT_EQ(github().with_body("Hello, World?").verdict(), SignatureVerdict::kWrong);
  const std::string digits(github().request.header("x-hub-signature-256").substr(7));
  for (const std::string& bad : {digits, "sha1=" + digits, "sha256=" + digits + "0", std::string("sha256=")})
    EXPECT_EQ(github().with("x-hub-signature-256", bad).verdict(), SignatureVerdict::kWrong) << bad;
}

}  // namespace
}  // namespace comporta
