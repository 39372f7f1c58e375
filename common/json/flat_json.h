#pragma once
// Objects of texts, numbers and the like, which is what records mostly are, read several times as fast as by
// reader.h: nothing is copied or decoded, and there are no events. It takes what it knows and says
// `false` to all else, be that JSON or not: objects and lists within, names with escapes, numbers with an
// exponent or of more than 15 digits, escapes beyond the basic plane. Whoever asks then asks reader.h,
// which takes all that is taken here, and says what is wrong with the rest.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace comporta {

/// Reads from the front of a text, which must outlive it and hold nothing unfit for JSON (utf8.h). After a
/// `false` it is of no use any more.
class FlatJson {
 public:
  enum class Type : std::uint8_t { kText, kWhole, kDecimal, kTrueOrFalse, kNull };
  struct Value {
    Type type;
    bool escaped;          ///< a text that has escapes
    std::string_view raw;  ///< as it stands

    /// Of a text without escapes.
    std::string_view text() const { return raw.substr(1, raw.size() - 2); }
  };

  explicit FlatJson(std::string_view text)
      : begin_(text.data()), at_(text.data()), end_(text.data() + text.size()) {}

  /// How many bytes have been read.
  std::size_t at() const { return static_cast<std::size_t>(at_ - begin_); }
  void take_blanks() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }
  /// Takes blanks. Whether nothing is left behind them.
  bool take_end() {
    take_blanks();
    return at_ == end_;
  }
  /// Takes blanks, and the character behind them if it is `c`.
  bool take(char c);
  /// A member's name and its colon.
  bool take_name(std::string_view& name);
  bool take_value(Value& value);

 private:
  bool take_text(Value& value);
  bool take_escape();
  bool take_number(Value& value);
  bool take_word(Value& value);
  std::size_t take_digits();

  const char* begin_;
  const char* at_;
  const char* end_;
};

inline bool FlatJson::take(char c) {
  take_blanks();
  if (at_ == end_ || *at_ != c) return false;
  ++at_;
  return true;
}

/// Takes one object. `on_member(name, value)` says whether it is as wanted.
template <typename OnMember>
bool take_flat_object(FlatJson& in, OnMember on_member) {
  if (!in.take('{')) return false;
  if (in.take('}')) return true;
  do {
    std::string_view name;
    FlatJson::Value value{};
    if (!in.take_name(name) || !in.take_value(value) || !on_member(name, value)) return false;
  } while (in.take(','));
  return in.take('}');
}

}  // namespace comporta
