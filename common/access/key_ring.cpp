#include "common/access/key_ring.h"

#include <algorithm>

#include "common/base/random.h"
#include "common/base/text.h"
#include "common/json/rapid.h"

namespace comporta {
namespace {

using rapidjson::Value;

constexpr std::size_t kLongestId = 64;
constexpr std::size_t kLeastSecretBytes = 32;  // RFC 7518 3.2: as many as the hash has

template <std::size_t Size>
std::optional<std::array<std::uint8_t, Size>> exact(std::string_view bytes) {
  std::array<std::uint8_t, Size> array;
  if (bytes.size() != Size) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), array.begin());
  return array;
}

template <typename Array>
std::string in_base64url(const Array& bytes) {
  return to_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

bool is_id(std::string_view id) {
  constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return !id.empty() && id.size() <= kLongestId && id.find_first_not_of(kAllowed) == std::string_view::npos;
}

/// Why it is no key of that type; empty if it is one.
std::string read_ed25519(const Value& jwk, TokenKey& key) {
  if (text_in(jwk, "crv") != "Ed25519") return "`crv` must be Ed25519";
  const auto x = exact<32>(from_base64url(text_in(jwk, "x")).value_or(""));
  if (!x) return "`x` must be 32 bytes in base64url";
  key.key = *x;
  if (member_of(jwk, "d") == nullptr) return "";
  key.seed = exact<32>(from_base64url(text_in(jwk, "d")).value_or(""));
  if (!key.seed) return "`d` must be 32 bytes in base64url";
  return public_key_of(*key.seed) == key.key ? "" : "`d` and `x` are not of one key";
}

std::string read_secret(const Value& jwk, TokenKey& key) {
  key.algorithm = TokenKey::Algorithm::kHs256;
  key.secret = from_base64url(text_in(jwk, "k")).value_or("");
  return key.secret.size() >= kLeastSecretBytes ? "" : "`k` must be 32 bytes or more in base64url";
}

std::string read_key(const Value& jwk, TokenKey& key) {
  if (!jwk.IsObject()) return "must be an object";
  key.id = text_in(jwk, "kid");
  if (!is_id(key.id)) return "`kid` must be 1 to 64 of A-Z a-z 0-9 - _";
  if (text_in(jwk, "kty") == "OKP") return read_ed25519(jwk, key);
  if (text_in(jwk, "kty") == "oct") return read_secret(jwk, key);
  return "`kty` must be OKP or oct";
}

std::string jwk_of(const TokenKey& key, bool whole) {
  const std::string id = R"(,"kid":)" + json_string(key.id);
  if (key.algorithm == TokenKey::Algorithm::kHs256)
    return R"({"kty":"oct","k":")" + to_base64url(key.secret) + R"(","alg":"HS256")" + id + "}";
  const std::string secret = whole && key.seed ? R"(,"d":")" + in_base64url(*key.seed) + '"' : "";
  return R"({"kty":"OKP","crv":"Ed25519","x":")" + in_base64url(key.key) + '"' + secret +
         R"(,"use":"sig","alg":"EdDSA")" + id + "}";
}

std::string key_set(const KeyRing& ring, bool whole) {
  std::string list;
  for (const TokenKey& key : ring.keys) {
    if (!whole && key.algorithm == TokenKey::Algorithm::kHs256) continue;
    list += (list.empty() ? "" : ",") + jwk_of(key, whole);
  }
  return R"({"keys":[)" + list + "]}\n";
}

}  // namespace

const TokenKey* KeyRing::find(std::string_view id) const {
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const TokenKey& key) { return key.id == id; });
  return found == keys.end() ? nullptr : &*found;
}

const TokenKey* KeyRing::signing() const {
  const auto found =
      std::find_if(keys.begin(), keys.end(), [](const TokenKey& key) { return key.can_sign(); });
  return found == keys.end() ? nullptr : &*found;
}

KeyRing parse_key_ring(std::string_view json, std::vector<std::string>& faults) {
  KeyRing ring;
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
  const Value* keys =
      document.HasParseError() || !document.IsObject() ? nullptr : member_of(document, "keys");
  if (keys == nullptr || !keys->IsArray() || keys->Empty()) {
    faults.emplace_back("must be a JWK Set: {\"keys\":[…]} with a key in it");
    return ring;
  }
  for (const Value& jwk : keys->GetArray()) {
    TokenKey key;
    std::string fault = read_key(jwk, key);
    if (fault.empty() && ring.find(key.id) != nullptr) fault = "`kid` is another key's, too";
    if (fault.empty())
      ring.keys.push_back(std::move(key));
    else
      faults.push_back("key " + std::to_string(&jwk - keys->Begin() + 1) + ": " + fault);
  }
  return ring;
}

std::string public_key_set(const KeyRing& ring) {
  return key_set(ring, false);
}

std::string whole_key_set(const KeyRing& ring) {
  return key_set(ring, true);
}

TokenKey new_token_key() {
  TokenKey key;
  Ed25519Seed seed;
  random_bytes(seed);
  std::array<std::uint8_t, 9> id;
  random_bytes(id);
  key.id = in_base64url(id);
  key.key = public_key_of(seed);
  key.seed = seed;
  return key;
}

}  // namespace comporta
