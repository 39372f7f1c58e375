#pragma once
// The formats that a schema may ask a text for.

#include <chrono>
#include <optional>
#include <string_view>

namespace comporta {

enum class TextFormat {
  kEmail,           ///< what a browser's e-mail field takes (HTML Standard), at most 254 characters
  kDateTime,        ///< RFC 3339, section 5.6: a day of the calendar, at most 9 digits of a second
  kDateTimeSpaced,  ///< the same, or with one space before the offset
  kDate,            ///< RFC 3339's full-date: a day of the calendar
};

/// By the name used in schemas: `email`, `date-time`, `date-time-spaced`, `date`.
std::optional<TextFormat> text_format(std::string_view name);
bool has_format(std::string_view text, TextFormat format);

using Moment = std::chrono::sys_time<std::chrono::milliseconds>;
/// The moment that a text of the format kDateTimeSpaced names; nothing if it is not one. What is finer than
/// a millisecond is cut off.
std::optional<Moment> parse_date_time(std::string_view text);

/// For people: `an e-mail address such as …`.
std::string_view expectation(TextFormat format);

}  // namespace comporta
