#pragma once
// Eight bytes of a text at once. What is said of a byte is in the high bit of its byte of the result. (The
// tests for a byte in a word: Warren, Hacker's Delight, 6-1.)

#include <cstdint>
#include <cstring>

namespace comporta {

constexpr std::uint64_t repeated_byte(std::uint64_t byte) {
  return byte * 0x0101010101010101;
}

constexpr std::uint64_t kHighBits = repeated_byte(0x80);

inline std::uint64_t load_word(const char* eight) {
  std::uint64_t word = 0;
  std::memcpy(&word, eight, sizeof word);
  return word;
}

/// The bytes below `limit`, at most 0x80: zero just if there are none, and the lowest bit that is set is that
/// of a true one; higher ones may be of others.
constexpr std::uint64_t bytes_below(std::uint64_t word, std::uint64_t limit) {
  return (word - repeated_byte(limit)) & ~word & kHighBits;
}

/// The bytes that are `byte`, as exact as those of bytes_below().
constexpr std::uint64_t bytes_equal(std::uint64_t word, std::uint64_t byte) {
  return bytes_below(word ^ repeated_byte(byte), 1);
}

/// How many high bits are set, of a word that has no other bits.
constexpr std::uint64_t count_high_bits(std::uint64_t word) {
  return ((word >> 7) * repeated_byte(1)) >> 56;
}

}  // namespace comporta
