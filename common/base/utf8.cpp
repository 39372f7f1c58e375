#include "common/base/utf8.h"

#include <algorithm>
#include <cstdint>

#include "common/base/byte_word.h"

namespace comporta {
namespace {

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

struct Lead {
  std::size_t length;        ///< of the sequence; 0: cannot begin one
  unsigned char second_low;  ///< the range of the second byte
  unsigned char second_high;
};

Lead lead_of(unsigned char c) {
  if (c >= 0xC2 && c <= 0xDF) return {2, 0x80, 0xBF};
  if (c == 0xE0) return {3, 0xA0, 0xBF};
  if (c == 0xED) return {3, 0x80, 0x9F};
  if (c >= 0xE1 && c <= 0xEF) return {3, 0x80, 0xBF};
  if (c == 0xF0) return {4, 0x90, 0xBF};
  if (c >= 0xF1 && c <= 0xF3) return {4, 0x80, 0xBF};
  if (c == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

/// The length of the well-formed code point at the start of `text`; 0 if there is none.
std::size_t sequence_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return first >= 0x20 || first == '\n' || first == '\r' || first == '\t' ? 1 : 0;
  const Lead lead = lead_of(first);
  if (lead.length == 0 || text.size() < lead.length) return 0;
  const auto second = static_cast<unsigned char>(text[1]);
  if (second < lead.second_low || second > lead.second_high) return 0;
  for (std::size_t i = 2; i < lead.length; ++i)
    if (!is_continuation(text[i])) return 0;
  return lead.length;
}

/// True if all of these eight bytes are from space to DEL: nearly always.
bool is_plain(const char* eight) {
  const std::uint64_t word = load_word(eight);
  return (bytes_below(word, ' ') | (word & kHighBits)) == 0;
}

/// Of eight bytes, those that begin with the bits 10.
std::size_t count_continuations(std::uint64_t word) {
  return count_high_bits(word & ~(word << 1) & kHighBits);
}

}  // namespace

std::size_t find_byte_unfit_for_json(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    while (at + 8 <= text.size() && is_plain(text.data() + at)) at += 8;
    const std::size_t stop = std::min(at + 8, text.size());
    while (at < stop) {
      const std::size_t length = sequence_length(text.substr(at));
      if (length == 0) return at;
      at += length;
    }
  }
  return std::string_view::npos;
}

std::size_t count_code_points(std::string_view text) {
  std::size_t continuations = 0;
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) continuations += count_continuations(load_word(text.data() + at));
  for (; at < text.size(); ++at) continuations += is_continuation(text[at]) ? 1 : 0;
  return text.size() - continuations;
}

std::u32string decode_utf8(std::string_view text) {
  std::u32string points;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_continuation(c) && !points.empty())
      points.back() = (points.back() << 6) | (byte & 0x3Fu);
    else
      points.push_back(byte < 0x80   ? byte
                       : byte < 0xE0 ? byte & 0x1Fu
                       : byte < 0xF0 ? byte & 0x0Fu
                                     : byte & 0x07u);
  }
  return points;
}

std::string_view utf8_prefix(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && is_continuation(text[limit])) --limit;
  return text.substr(0, limit);
}

}  // namespace comporta
