#pragma once
// SHA-256, HMAC-SHA-256, SHA-1. The only place that knows OpenSSL. Any thread.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace comporta {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(std::string_view data);
/// For names alone: others can make two texts with the same.
std::array<std::uint8_t, 20> sha1(std::string_view data);
/// Of the pieces one after the other, each preceded by its length (8 bytes, big endian): ("ab","c") differs
/// from ("a","bc").
Sha256 sha256_of_pieces(std::initializer_list<std::string_view> pieces);
Sha256 hmac_sha256(std::string_view key, std::string_view data);

/// Lower-case hexadecimal.
void append_hex(std::string& text, std::span<const std::uint8_t> bytes);
std::string to_hex(std::span<const std::uint8_t> bytes);
/// The bytes as text, for use as the next key of an HMAC chain.
inline std::string_view as_text(const Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace comporta
