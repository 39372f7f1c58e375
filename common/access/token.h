#pragma once
// Tokens that say who a caller is: JWS in its compact form (RFC 7515) with the claims of a JWT (RFC 7519).
//
// Nothing is chosen from a token: its header has to be, byte for byte, the one that is written here for a key
// that is known, so there is no `alg` to confuse.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/access/key_ring.h"

namespace comporta {

inline constexpr std::size_t kLongestToken = 4096;

struct Claims {
  std::string subject;  ///< `<kind>/<key>` of the account
  std::string session;
  std::vector<std::string> roles;
  std::string id;           ///< `jti`: of this token alone
  std::int64_t issued = 0;  ///< seconds since 1970
  std::int64_t expires = 0;
  std::int64_t not_before = 0;

  bool operator==(const Claims&) const = default;
};

/// One installation's: the token of another one is no token here.
struct TokenRules {
  std::string issuer = "comporta";
  std::string audience = "comporta";
  std::chrono::seconds leeway{60};  ///< that clocks may differ by
};

enum class TokenFault {
  kMalformed,   ///< too long, not three pieces, not base64url, or claims of other shapes
  kUnknownKey,  ///< no header that is written for a key of this ring
  kBadSignature,
  kForeign,  ///< of another issuer, or for another audience
  kNotYet,
  kExpired,
};
/// One word, for metrics and logs: `malformed`, `unknown_key`, …
std::string_view name_of(TokenFault fault);

/// `key` must be one that can sign.
std::string sign_token(const Claims& claims, const TokenRules& rules, const TokenKey& key);
/// The claims of a token that is to be believed at `now` (seconds since 1970). Any thread.
std::variant<Claims, TokenFault> verify_token(std::string_view token, const TokenRules& rules,
                                              const KeyRing& ring, std::int64_t now);

}  // namespace comporta
