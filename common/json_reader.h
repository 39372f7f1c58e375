#pragma once
// RapidJSON's reader, taking texts a run of bytes at a time: byte by byte they are more than a third of the
// time of a check. Like that one it does not look whether they are UTF-8 (see find_byte_unfit_for_json).

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "common/rapid.h"

namespace comporta {

/// What a JsonReader reads from: a text that outlives it, up to its end or a NUL. Where it stands is exact in
/// the events of a handler.
class JsonStream : public rapidjson::MemoryStream {
 public:
  explicit JsonStream(std::string_view text) : MemoryStream(text.data(), text.size()) {}

  /// What can stand for itself in a JSON text, from here up to what cannot; perhaps nothing.
  std::string_view take_run() {
    const char* const from = src_;
    while (end_ - src_ >= kWord) {
      const std::uint64_t special = special_bytes(src_);
      if (special != 0) {
        src_ += std::countr_zero(special) / 8;
        return {from, src_};
      }
      src_ += kWord;
    }
    while (src_ != end_ && !is_special(*src_)) ++src_;
    return {from, src_};
  }

 private:
  static constexpr std::ptrdiff_t kWord = 8;
  static constexpr std::uint64_t kOnes = ~std::uint64_t{0} / 255;  ///< 0x01 in each byte

  static bool is_special(char c) { return static_cast<unsigned char>(c) < ' ' || c == '"' || c == '\\'; }

  /// The high bit of the first special byte of eight, little-endian, and perhaps of some behind it.
  static std::uint64_t special_bytes(const char* bytes) {
    static_assert(std::endian::native == std::endian::little);
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    const std::uint64_t quotes = word ^ (kOnes * '"');
    const std::uint64_t escapes = word ^ (kOnes * '\\');
    return (((word - kOnes * ' ') & ~word) | ((quotes - kOnes) & ~quotes) | ((escapes - kOnes) & ~escapes)) &
           (kOnes * 0x80);
  }
};

struct Utf8Runs : rapidjson::UTF8<> {};
using JsonReader = rapidjson::GenericReader<Utf8Runs, Utf8Runs>;

}  // namespace comporta

/// Called by the reader at a byte of a text that can stand for itself.
template <>
struct rapidjson::Transcoder<comporta::Utf8Runs, comporta::Utf8Runs> : Transcoder<UTF8<>, UTF8<>> {
  template <typename Output>
  static bool Transcode(comporta::JsonStream& in, Output& out) {
    if constexpr (std::is_same_v<Output, comporta::JsonStream>) {
      return false;  // in place: nobody asks for it
    } else {
      const std::string_view run = in.take_run();
      std::memcpy(out.Push(static_cast<SizeType>(run.size())), run.data(), run.size());
      return true;
    }
  }
};
