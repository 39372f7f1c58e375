#pragma once
// Small pure functions on text.

#include <charconv>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace comporta {

/// Appends `value` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view value);
std::string json_string(std::string_view value);
/// `["a","b"]`
std::string json_texts(const std::vector<std::string>& values);

/// `2026-11-22T14:03:05.123Z`
std::string rfc3339(std::chrono::system_clock::time_point time);

/// Decodes %XX (and nothing else); nothing when malformed or when a NUL would come out.
std::optional<std::string> percent_decode(std::string_view text);
/// All but letters, digits, `-._~` and what is in `kept` as %XX.
std::string percent_encode(std::string_view text, std::string_view kept = {});
/// `a=1&b=x+y%2B` as decoded pairs, after the rules of application/x-www-form-urlencoded (URL Standard, 5.1):
/// `+` is a blank, and nothing between two `&` is no pair. Nothing when malformed or a name is given twice.
std::optional<std::map<std::string, std::string>> parse_query(std::string_view query);

/// All of `text` as a decimal number that fits; nothing otherwise.
template <typename Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole ? std::optional(number) : std::nullopt;
}

bool is_printable(std::string_view text);              ///< ASCII that can be seen, and blanks
bool iequals(std::string_view a, std::string_view b);  ///< ASCII only
std::string lower_ascii(std::string text);             ///< its letters of ASCII in lower case
std::string_view trim(std::string_view text);          ///< spaces and tabs

/// Cuts the first line off `rest`, and gives it without its line feed.
std::string_view take_line(std::string_view& rest);

}  // namespace comporta
