#include "common/access/token.h"

#include <optional>

#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/base/text.h"
#include "common/json/rapid.h"

namespace comporta {
namespace {

using rapidjson::Value;

/// The three pieces of a token, and what is signed of it.
struct Pieces {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view is_signed;
};

std::optional<Pieces> pieces_of(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  if (token.size() > kLongestToken || first == std::string_view::npos || first == last) return std::nullopt;
  const std::string_view payload = token.substr(first + 1, last - first - 1);
  if (payload.find('.') != std::string_view::npos) return std::nullopt;
  return Pieces{token.substr(0, first), payload, token.substr(last + 1), token.substr(0, last)};
}

/// Its members in the order of their names, as PyJWT writes them.
std::string header_of(const TokenKey& key) {
  const std::string_view algorithm = key.algorithm == TokenKey::Algorithm::kEdDsa ? "EdDSA" : "HS256";
  return to_base64url(R"({"alg":")" + std::string(algorithm) + R"(","kid":")" + key.id + R"(","typ":"JWT"})");
}

const TokenKey* key_of(std::string_view header, const KeyRing& ring) {
  for (const TokenKey& key : ring.keys)
    if (header == header_of(key)) return &key;
  return nullptr;
}

std::string signature_of(std::string_view text, const TokenKey& key) {
  if (key.algorithm == TokenKey::Algorithm::kHs256)
    return std::string(as_text(hmac_sha256(key.secret, text)));
  const Ed25519Signature signature = sign_ed25519(text, *key.seed);
  return {reinterpret_cast<const char*>(signature.data()), signature.size()};
}

bool is_signed_with(const TokenKey& key, std::string_view text, std::string_view signature) {
  if (key.algorithm == TokenKey::Algorithm::kEdDsa) return verify_ed25519(text, signature, key.key);
  return equal_in_constant_time(signature_of(text, key), signature);
}

std::string payload_of(const Claims& claims, const TokenRules& rules) {
  return R"({"iss":)" + json_string(rules.issuer) + R"(,"aud":)" + json_string(rules.audience) +
         R"(,"sub":)" + json_string(claims.subject) + R"(,"sid":)" + json_string(claims.session) +
         R"(,"roles":)" + json_texts(claims.roles) + R"(,"jti":)" + json_string(claims.id) + R"(,"iat":)" +
         std::to_string(claims.issued) + R"(,"nbf":)" + std::to_string(claims.not_before) + R"(,"exp":)" +
         std::to_string(claims.expires) + "}";
}

/// Reads members of one object; after one that is missing or of another shape nothing counts any more.
class Reader {
 public:
  explicit Reader(const Value& object) : object_(object) {}

  std::string text(std::string_view name) {
    const Value* value = look_up(name);
    if (value == nullptr || !value->IsString() || value->GetStringLength() == 0) return fail<std::string>();
    return std::string(text_of(*value));
  }
  std::int64_t number(std::string_view name) {
    const Value* value = look_up(name);
    return value != nullptr && value->IsInt64() ? value->GetInt64() : fail<std::int64_t>();
  }
  std::vector<std::string> texts(std::string_view name) {
    std::vector<std::string> list;
    const Value* value = look_up(name);
    if (value == nullptr || !value->IsArray()) return fail<std::vector<std::string>>();
    for (const Value& one : value->GetArray()) {
      if (!one.IsString()) return fail<std::vector<std::string>>();
      list.emplace_back(text_of(one));
    }
    return list;
  }
  bool good() const { return good_; }

 private:
  const Value* look_up(std::string_view name) const { return member_of(object_, name); }
  template <typename Nothing>
  Nothing fail() {
    good_ = false;
    return {};
  }

  const Value& object_;
  bool good_ = true;
};

struct Payload {
  Claims claims;
  std::string issuer;
  std::string audience;
};

std::optional<Payload> read_payload(std::string_view piece) {
  const auto json = from_base64url(piece);
  // RapidJSON takes a NUL for the end.
  if (!json || json->find('\0') != std::string::npos) return std::nullopt;
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(json->data(),
                                                                                         json->size());
  if (document.HasParseError() || !document.IsObject()) return std::nullopt;
  Reader reader(document);
  Payload payload{.claims = {.subject = reader.text("sub"),
                             .session = reader.text("sid"),
                             .roles = reader.texts("roles"),
                             .id = reader.text("jti"),
                             .issued = reader.number("iat"),
                             .expires = reader.number("exp"),
                             .not_before = reader.number("nbf")},
                  .issuer = reader.text("iss"),
                  .audience = reader.text("aud")};
  if (!reader.good()) return std::nullopt;
  return payload;
}

}  // namespace

std::string_view name_of(TokenFault fault) {
  switch (fault) {
    case TokenFault::kMalformed:
      return "malformed";
    case TokenFault::kUnknownKey:
      return "unknown_key";
    case TokenFault::kBadSignature:
      return "bad_signature";
    case TokenFault::kForeign:
      return "foreign";
    case TokenFault::kNotYet:
      return "not_yet";
    case TokenFault::kExpired:
      break;
  }
  return "expired";
}

std::string sign_token(const Claims& claims, const TokenRules& rules, const TokenKey& key) {
  check(key.can_sign(), "a token is signed with a key that can");
  const std::string text = header_of(key) + "." + to_base64url(payload_of(claims, rules));
  return text + "." + to_base64url(signature_of(text, key));
}

std::variant<Claims, TokenFault> verify_token(std::string_view token, const TokenRules& rules,
                                              const KeyRing& ring, std::int64_t now) {
  const auto pieces = pieces_of(token);
  if (!pieces) return TokenFault::kMalformed;
  const TokenKey* key = key_of(pieces->header, ring);
  if (key == nullptr) return TokenFault::kUnknownKey;
  const auto signature = from_base64url(pieces->signature);
  if (!signature) return TokenFault::kMalformed;
  if (!is_signed_with(*key, pieces->is_signed, *signature)) return TokenFault::kBadSignature;
  auto payload = read_payload(pieces->payload);
  if (!payload) return TokenFault::kMalformed;
  if (payload->issuer != rules.issuer || payload->audience != rules.audience) return TokenFault::kForeign;
  const Claims& claims = payload->claims;
  const std::int64_t leeway = rules.leeway.count();
  if (claims.not_before > now + leeway || claims.issued > now + leeway) return TokenFault::kNotYet;
  if (claims.expires <= now - leeway) return TokenFault::kExpired;
  return std::move(payload->claims);
}

}  // namespace comporta
