#pragma once
// The formats that a schema may ask a text for.

#include <chrono>
#include <optional>
#include <string_view>

namespace comporta {

enum class TextFormat {
  kEmail,           ///< what a browser's e-mail field takes (HTML Standard), at most 254 characters
  kDateTime,        ///< RFC 3339, section 5.6: a day of the calendar, at most 9 digits of a second; writable
  kDateTimeSpaced,  ///< the same, or with one space before the offset
  kDate,            ///< RFC 3339's full-date: a day of the calendar; writable
  kCpf,  ///< a Brazilian taxpayer's number: 11 digits, as they are or as 153.509.460-56, not all equal, of
         ///< which the last two follow from the others
};

/// By the name used in schemas: `email`, `date-time`, `date-time-spaced`, `date`, `cpf`.
std::optional<TextFormat> text_format(std::string_view name);
bool has_format(std::string_view text, TextFormat format);

using Moment = std::chrono::sys_time<std::chrono::milliseconds>;

/// What RFC 3339 can write in UTC: from the first moment of the year 1 to the last one of the year 9999. A
/// time with an offset may lie outside though its own year is within; such a one is not taken, nor is one
/// written in the year 0.
inline constexpr Moment kFirstMoment = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);
inline constexpr Moment kLastMoment =
    std::chrono::sys_days(std::chrono::year(10'000) / 1 / 1) - std::chrono::milliseconds(1);

/// The moment that a text of the format kDateTimeSpaced names; nothing if it is not one. What is finer than
/// a millisecond is cut off.
std::optional<Moment> parse_date_time(std::string_view text);

/// For people: `an e-mail address such as …`. What is wrong with `text` may make it more exact.
std::string_view expectation(TextFormat format, std::string_view text = {});

}  // namespace comporta
