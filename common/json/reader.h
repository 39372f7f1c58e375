#pragma once
// RapidJSON's reader, taking texts a run of bytes at a time: byte by byte they are more than a third of the
// time of a check. Like that one it does not look whether they are UTF-8 (see find_byte_unfit_for_json).

#include <cstddef>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>

#include "common/json/rapid.h"
#include "common/json/text_run.h"

namespace comporta {

/// What a JsonReader reads from: a text that outlives it, up to its end or a NUL. Where it stands is exact in
/// the events of a handler.
class JsonStream : public rapidjson::MemoryStream {
 public:
  /// Stands at byte `from` of the text, and counts from its begin.
  explicit JsonStream(std::string_view text, std::size_t from = 0) : MemoryStream(text.data(), text.size()) {
    src_ += from;
  }

  /// Goes on at byte `at` of the text, as if all before it had been read.
  void skip_to(std::size_t at) { src_ = begin_ + at; }

  /// What can stand for itself in a JSON text, from here up to what cannot; perhaps nothing.
  std::string_view take_run() {
    const char* const from = std::exchange(src_, end_of_run(src_, end_));
    return {from, src_};
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
