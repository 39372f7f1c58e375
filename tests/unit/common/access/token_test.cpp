#include "common/access/token.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/base/digest.h"

namespace comporta {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::int64_t kLeeway = 60;
const TokenRules kRules;

Claims sample_claims() {
  return {.subject = "client/ana@example.com",
          .session = "s1",
          .roles = {"admin", "cook"},
          .id = "t1",
          .issued = kNow,
          .expires = kNow + 600,
          .not_before = kNow};
}

TokenKey secret_key() {
  return {.id = "h1", .algorithm = TokenKey::Algorithm::kHs256, .secret = std::string(32, 's')};
}

std::string fault_of(std::string_view token, const KeyRing& ring, std::int64_t now = kNow) {
  const auto verified = verify_token(token, kRules, ring, now);
  const auto* fault = std::get_if<TokenFault>(&verified);
  return fault == nullptr ? "none" : std::string(name_of(*fault));
}

/// A token of any header and payload, signed rightly with the key.
std::string forged(std::string_view header, std::string_view payload, const TokenKey& key) {
  const std::string text = to_base64url(header) + "." + to_base64url(payload);
  if (key.algorithm == TokenKey::Algorithm::kHs256)
    return text + "." + to_base64url(as_text(hmac_sha256(key.secret, text)));
  const Ed25519Signature signature = sign_ed25519(text, *key.seed);
  return text + "." + to_base64url({reinterpret_cast<const char*>(signature.data()), signature.size()});
}

std::string header_for(const TokenKey& key) {
  return R"({"alg":"EdDSA","kid":")" + key.id + R"(","typ":"JWT"})";
}

constexpr std::string_view kPayload =
    R"({"iss":"comporta","aud":"comporta","sub":"client/a","sid":"s","roles":[],"jti":"t","iat":1800000000,)"
    R"("nbf":1800000000,"exp":1800000600})";

std::string with(std::string_view from, std::string_view to) {
  std::string payload(kPayload);
  return payload.replace(payload.find(from), from.size(), to);
}

class TokenTest : public ::testing::Test {
 protected:
  TokenKey key = new_token_key();
  KeyRing ring{{key}};
};

TEST_F(TokenTest, SaysWhatWasSigned) {
  const auto verified = verify_token(sign_token(sample_claims(), kRules, key), kRules, ring, kNow);
  ASSERT_TRUE(std::holds_alternative<Claims>(verified));
  EXPECT_EQ(std::get<Claims>(verified), sample_claims());
}

TEST_F(TokenTest, TakesNoChangeOfABit) {
  const std::string token = sign_token(sample_claims(), kRules, key);
  for (std::size_t at = 0; at < token.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = token;
      changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ (1U << bit));
      EXPECT_NE(fault_of(changed, ring), "none") << at << ' ' << bit;
    }
  }
}

TEST_F(TokenTest, ChoosesNothingFromTheHeader) {
  const std::string public_bytes(key.key.begin(), key.key.end());
  const TokenKey confused{.id = key.id, .algorithm = TokenKey::Algorithm::kHs256, .secret = public_bytes};
  const std::string id = R"(","kid":")" + key.id + R"(","typ":")";
  EXPECT_EQ(fault_of(forged(R"({"alg":"none)" + id + R"(JWT"})", kPayload, key), ring), "unknown_key");
  EXPECT_EQ(fault_of(forged(R"({"alg":"HS256)" + id + R"(JWT"})", kPayload, confused), ring), "unknown_key");
  EXPECT_EQ(fault_of(forged(header_for(key), kPayload, confused), ring), "bad_signature");
  EXPECT_EQ(fault_of(forged(R"({"alg":"EdDSA)" + id + R"(at+jwt"})", kPayload, key), ring), "unknown_key");
  EXPECT_EQ(fault_of(forged(R"({"typ":"JWT","alg":"EdDSA","kid":")" + key.id + "\"}", kPayload, key), ring),
            "unknown_key");
  EXPECT_EQ(fault_of(forged(R"({"alg":"EdDSA","kid":"other","typ":"JWT"})", kPayload, key), ring),
            "unknown_key");
  EXPECT_EQ(fault_of(forged(R"({"alg":"EdDSA","typ":"JWT"})", kPayload, key), ring), "unknown_key");
  EXPECT_EQ(fault_of(forged(header_for(key), kPayload, key), ring), "none");
}

TEST_F(TokenTest, WithoutASignatureIsNoToken) {
  const std::string token = sign_token(sample_claims(), kRules, key);
  const std::string unsigned_token = token.substr(0, token.rfind('.') + 1);
  EXPECT_EQ(fault_of(unsigned_token, ring), "bad_signature");
  for (const std::string& bad : {std::string(), std::string("."), std::string(".."), std::string("a.b"),
                                 token + ".", token + "." + token, std::string(16 * 1024, 'a'), " " + token})
    EXPECT_NE(fault_of(bad, ring), "none") << bad.substr(0, 20);
  EXPECT_EQ(fault_of(forged(header_for(key), with("client/a", std::string(4096, 'x')), key), ring),
            "malformed");
}

TEST_F(TokenTest, IsOfThisInstallation) {
  EXPECT_EQ(fault_of(forged(header_for(key), with(R"("iss":"comporta")", R"("iss":"other")"), key), ring),
            "foreign");
  EXPECT_EQ(fault_of(forged(header_for(key), with(R"("aud":"comporta")", R"("aud":"other")"), key), ring),
            "foreign");
  const TokenKey others = new_token_key();
  EXPECT_EQ(fault_of(sign_token(sample_claims(), kRules, others), ring), "unknown_key");
}

TEST_F(TokenTest, HoldsItsTimesWithTheLeeway) {
  const std::string token = sign_token(sample_claims(), kRules, key);
  EXPECT_EQ(fault_of(token, ring, kNow - kLeeway), "none");
  EXPECT_EQ(fault_of(token, ring, kNow - kLeeway - 1), "not_yet");
  EXPECT_EQ(fault_of(token, ring, kNow + 600 + kLeeway - 1), "none");
  EXPECT_EQ(fault_of(token, ring, kNow + 600 + kLeeway), "expired");
  const std::string later = with(R"("nbf":1800000000)", R"("nbf":1800000100)");
  EXPECT_EQ(fault_of(forged(header_for(key), later, key), ring), "not_yet");
}

TEST_F(TokenTest, HasAllItsClaimsInTheirShapes) {
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{R"("sub":"client/a",)", ""},
                                                        {R"("sub":"client/a")", R"("sub":"")"},
                                                        {R"("sub":"client/a")", R"("sub":1)"},
                                                        {R"("aud":"comporta")", R"("aud":["comporta"])"},
                                                        {R"("exp":1800000600)", R"("exp":"1800000600")"},
                                                        {R"("exp":1800000600)", R"("exp":1800000600.5)"},
                                                        {R"("exp":1800000600)", R"("exp":1e10)"},
                                                        {R"(,"exp":1800000600)", ""},
                                                        {R"("roles":[])", R"("roles":"admin")"},
                                                        {R"("roles":[])", R"("roles":[1])"},
                                                        {R"("sid":"s",)", ""},
                                                        {R"("jti":"t",)", ""},
                                                        {R"("nbf":1800000000,)", ""},
                                                        {R"("iat":1800000000,)", ""}})
    EXPECT_EQ(fault_of(forged(header_for(key), with(from, to), key), ring), "malformed")
        << from << " -> " << to;
  for (const std::string& bad : {std::string("[]"), std::string("{"), std::string("x"),
                                 std::string(kPayload) + "x", std::string(kPayload) + std::string(1, '\0')})
    EXPECT_EQ(fault_of(forged(header_for(key), bad, key), ring), "malformed") << bad;
}

TEST_F(TokenTest, OneKeyFollowsTheOther) {
  const std::string before = sign_token(sample_claims(), kRules, key);
  const TokenKey next = new_token_key();
  const KeyRing both{{next, key}};
  EXPECT_EQ(both.signing()->id, next.id);
  EXPECT_EQ(fault_of(before, both), "none");
  EXPECT_EQ(fault_of(sign_token(sample_claims(), kRules, *both.signing()), both), "none");
  EXPECT_EQ(fault_of(before, KeyRing{{next}}), "unknown_key");
}

TEST_F(TokenTest, MayBeOfOneSecretForAll) {
  const KeyRing secrets{{secret_key()}};
  EXPECT_EQ(fault_of(sign_token(sample_claims(), kRules, secret_key()), secrets), "none");
  TokenKey other = secret_key();
  other.secret.back() = 'x';
  EXPECT_EQ(fault_of(sign_token(sample_claims(), kRules, other), secrets), "bad_signature");
}

std::vector<std::string> faults_of_ring(std::string_view json) {
  std::vector<std::string> faults;
  parse_key_ring(json, faults);
  return faults;
}

TEST(KeyRing, IsReadAsItIsWritten) {
  const KeyRing ring{{new_token_key(), secret_key()}};
  std::vector<std::string> faults;
  const KeyRing whole = parse_key_ring(whole_key_set(ring), faults);
  const KeyRing shown = parse_key_ring(public_key_set(ring), faults);
  EXPECT_TRUE(faults.empty());
  ASSERT_EQ(whole.keys.size(), 2U);
  EXPECT_EQ(whole.keys[0].seed, ring.keys[0].seed);
  EXPECT_EQ(whole.keys[1].secret, ring.keys[1].secret);
  ASSERT_EQ(shown.keys.size(), 1U) << "of a secret nothing is public";
  EXPECT_EQ(shown.keys[0].key, ring.keys[0].key);
  EXPECT_FALSE(shown.keys[0].can_sign());
  EXPECT_EQ(shown.signing(), nullptr);
}

TEST(KeyRing, SaysWhichKeyIsAtFaultAndNothingOfIt) {
  const std::string good = public_key_set({{new_token_key()}});
  EXPECT_EQ(faults_of_ring("").size(), 1U);
  EXPECT_EQ(faults_of_ring(R"({"keys":[]})").size(), 1U);
  const auto one = [](const std::string& jwk) { return faults_of_ring(R"({"keys":[)" + jwk + "]}").at(0); };
  EXPECT_EQ(one("1"), "key 1: must be an object");
  EXPECT_EQ(one(R"({"kty":"RSA","kid":"a"})"), "key 1: `kty` must be OKP or oct");
  EXPECT_EQ(one(R"({"kty":"OKP","kid":"a b"})"), "key 1: `kid` must be 1 to 64 of A-Z a-z 0-9 - _");
  EXPECT_EQ(one(R"({"kty":"oct","kid":"a","k":"c2hvcnQ"})"),
            "key 1: `k` must be 32 bytes or more in base64url");
  EXPECT_EQ(one(R"({"kty":"OKP","crv":"X25519","kid":"a"})"), "key 1: `crv` must be Ed25519");
  EXPECT_EQ(one(R"({"kty":"OKP","crv":"Ed25519","kid":"a","x":"AA"})"),
            "key 1: `x` must be 32 bytes in base64url");
  std::string mixed = whole_key_set({{new_token_key()}});
  const std::string others = whole_key_set({{new_token_key()}});
  const std::size_t at = mixed.find(R"("d":)");
  mixed.replace(at, 4 + 2 + 43, others.substr(others.find(R"("d":)"), 4 + 2 + 43));
  EXPECT_EQ(faults_of_ring(mixed).at(0), "key 1: `d` and `x` are not of one key");
}

}  // namespace
}  // namespace comporta
