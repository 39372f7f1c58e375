#pragma once
// The keys that tokens are signed and verified with: a JWK Set (RFC 7517, 8037).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/access/crypto.h"

namespace comporta {

/// One key, of the one algorithm that its type has. Nothing in a token chooses it.
struct TokenKey {
  enum class Algorithm { kEdDsa, kHs256 };

  std::string id;  ///< `kid`: 1 to 64 of A-Z a-z 0-9 - _
  Algorithm algorithm = Algorithm::kEdDsa;
  Ed25519Key key = {};                   ///< of kEdDsa
  std::optional<Ed25519Seed> seed = {};  ///< the same, where tokens are signed
  std::string secret = {};               ///< of kHs256: 32 bytes or more

  bool can_sign() const { return seed.has_value() || algorithm == Algorithm::kHs256; }
};

/// A plain value. The first key that can sign is the one that does; all verify, so that one may follow the
/// other.
struct KeyRing {
  std::vector<TokenKey> keys;

  const TokenKey* find(std::string_view id) const;
  const TokenKey* signing() const;
};

/// Reads a JWK Set with keys of `kty` OKP (`crv` Ed25519, `x`, and `d` where it is to sign) and oct (`k`).
/// Every fault goes to `faults`, without anything of a key in it.
KeyRing parse_key_ring(std::string_view json, std::vector<std::string>& faults);
/// The public halves of the OKP keys, as a JWK Set; of a key that is a secret there is none.
std::string public_key_set(const KeyRing& ring);
/// A new Ed25519 key with its private half.
TokenKey new_token_key();
/// As parse_key_ring() reads it, private halves and secrets included.
std::string whole_key_set(const KeyRing& ring);

}  // namespace comporta
