#include "common/json/flat_json.h"

#include <charconv>

#include "common/json/text_run.h"

namespace comporta {
namespace {

constexpr std::size_t kMostDigits = 15;  // a number of that many fits everything

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

bool FlatJson::take_name(std::string_view& name) {
  if (!take('"')) return false;
  const char* const from = at_;
  at_ = end_of_run(at_, end_);
  name = {from, at_};
  return at_ != end_ && *at_++ == '"' && take(':');
}

bool FlatJson::take_value(Value& value) {
  if (take('"')) return take_text(value);
  if (at_ == end_) return false;
  return *at_ == '-' || is_digit(*at_) ? take_number(value) : take_word(value);
}

bool FlatJson::take_text(Value& value) {
  const char* const from = at_ - 1;
  value.type = Type::kText;
  value.escaped = false;
  while ((at_ = end_of_run(at_, end_)) != end_ && *at_ == '\\') {
    value.escaped = true;
    if (!take_escape()) return false;
  }
  if (at_ == end_ || *at_ != '"') return false;
  value.raw = {from, ++at_};
  return true;
}

/// NUL and halves of surrogate pairs are left to others.
bool FlatJson::take_escape() {
  constexpr std::size_t kHexDigits = 4;
  if (end_ - at_ < 2) return false;
  const char what = at_[1];
  at_ += 2;
  if (what != 'u') return std::string_view("\"\\/bfnrt").find(what) != std::string_view::npos;
  if (static_cast<std::size_t>(end_ - at_) < kHexDigits) return false;
  std::uint32_t point = 0;
  const auto [end, error] = std::from_chars(at_, at_ + kHexDigits, point, 16);
  const bool whole = error == std::errc() && end == at_ + kHexDigits;
  at_ += kHexDigits;
  return whole && point != 0 && (point < 0xD800 || point > 0xDFFF);
}

std::size_t FlatJson::take_digits() {
  const char* const from = at_;
  while (at_ != end_ && is_digit(*at_)) ++at_;
  return static_cast<std::size_t>(at_ - from);
}

bool FlatJson::take_number(Value& value) {
  const char* const from = at_;
  if (*at_ == '-') ++at_;
  const bool begins_with_zero = at_ != end_ && *at_ == '0';
  const std::size_t digits = take_digits();
  if (digits == 0 || digits > kMostDigits || (begins_with_zero && digits > 1)) return false;
  value.type = Type::kWhole;
  if (at_ != end_ && *at_ == '.') {
    ++at_;
    value.type = Type::kDecimal;
    if (take_digits() == 0) return false;
  }
  if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) return false;
  value.escaped = false;
  value.raw = {from, at_};
  return true;
}

bool FlatJson::take_word(Value& value) {
  const std::string_view rest(at_, static_cast<std::size_t>(end_ - at_));
  for (const std::string_view word : {"true", "false", "null"}) {
    if (!rest.starts_with(word)) continue;
    value = {word == "null" ? Type::kNull : Type::kTrueOrFalse, false, rest.substr(0, word.size())};
    at_ += word.size();
    return true;
  }
  return false;
}

}  // namespace comporta
