#pragma once
// Ed25519 (RFC 8032), argon2id (RFC 9106) and base64url (RFC 4648, 5). The only place that knows libsodium.
// Any thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace comporta {

using Ed25519Seed = std::array<std::uint8_t, 32>;  ///< the private key: `d` of a JWK (RFC 8037)
using Ed25519Key = std::array<std::uint8_t, 32>;   ///< the public key: `x`
using Ed25519Signature = std::array<std::uint8_t, 64>;

Ed25519Key public_key_of(const Ed25519Seed& seed);
Ed25519Signature sign_ed25519(std::string_view message, const Ed25519Seed& seed);
/// False for a signature of any other length, too.
bool verify_ed25519(std::string_view message, std::string_view signature, const Ed25519Key& key);

/// Without padding.
std::string to_base64url(std::string_view bytes);
/// Nothing unless it is written in just the way that to_base64url() writes: no padding, no blanks, no bits
/// over.
std::optional<std::string> from_base64url(std::string_view text);

/// Takes as long wherever they differ; their lengths are no secret.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// What one hash costs: OWASP's least for argon2id.
inline constexpr std::uint64_t kArgon2idPasses = 2;
inline constexpr std::size_t kArgon2idBytes = std::size_t{19} << 20;
using Argon2idSalt = std::array<std::uint8_t, 16>;

/// `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`. Takes kArgon2idBytes while it runs; throws TransientError
/// when there is no such memory.
std::string argon2id(std::string_view password, const Argon2idSalt& salt);
/// Whether `encoded` is of that password, whatever cost it says; false for what is no such text.
bool verify_argon2id(const std::string& encoded, std::string_view password);

}  // namespace comporta
