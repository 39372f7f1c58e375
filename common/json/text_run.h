#pragma once
// The bytes of a text in JSON that stand for themselves, eight at a time.

#include <bit>
#include <cstddef>
#include <cstdint>

#include "common/base/byte_word.h"

namespace comporta {

/// From `from`, within or at the begin of a text, up to what cannot stand for itself: a quotation mark, a
/// backslash, a control character, or `end`.
inline const char* end_of_run(const char* from, const char* end) {
  static_assert(std::endian::native == std::endian::little, "the lowest bits of a word are its first byte");
  constexpr std::ptrdiff_t kWord = 8;
  while (end - from >= kWord) {
    const std::uint64_t word = load_word(from);
    const std::uint64_t special = bytes_below(word, ' ') | bytes_equal(word, '"') | bytes_equal(word, '\\');
    if (special != 0) return from + std::countr_zero(special) / 8;
    from += kWord;
  }
  while (from != end && static_cast<unsigned char>(*from) >= ' ' && *from != '"' && *from != '\\') ++from;
  return from;
}

}  // namespace comporta
