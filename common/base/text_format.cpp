#include "common/base/text_format.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <string>

namespace comporta {
namespace {

using std::chrono::milliseconds;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alphanumeric(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Which bytes may stand before the `@`. A table: e-mail addresses are checked by the million.
constexpr std::array<bool, 256> kMailboxBytes = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                       ".!#$%&'*+/=?^_`{|}~-"))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();

bool is_mailbox(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return kMailboxBytes[static_cast<unsigned char>(c)];
  });
}

bool is_host_label(std::string_view text) {
  return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_alphanumeric(c) || c == '-'; });
}

bool is_host(std::string_view text) {
  while (true) {
    const std::size_t dot = text.find('.');
    if (!is_host_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_email(std::string_view text) {
  const std::size_t at = text.find('@');
  return at != std::string_view::npos && text.size() <= 254 && is_mailbox(text.substr(0, at)) &&
         is_host(text.substr(at + 1));
}

constexpr std::size_t kCpfDigits = 11;

/// Its digits, if it has one of the two written forms; otherwise not 11 of them.
std::string cpf_digits(std::string_view text) {
  constexpr std::string_view kForm = "ddd.ddd.ddd-dd";
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_sign = text.size() == kForm.size() && kForm[i] != 'd';
    if (is_sign ? text[i] != kForm[i] : !is_digit(text[i])) return {};
    if (!is_sign) digits += text[i];
  }
  return digits;
}

/// What must stand behind the first `count` digits of a CPF: Receita Federal's sum modulo 11.
char cpf_check_digit(std::string_view digits, std::size_t count) {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += (count + 1 - i) * static_cast<std::size_t>(digits[i] - '0');
  return static_cast<char>('0' + sum * 10 % 11 % 10);
}

bool is_cpf(std::string_view text) {
  const std::string digits = cpf_digits(text);
  return digits.size() == kCpfDigits && digits.find_first_not_of(digits[0]) != std::string::npos &&
         digits[9] == cpf_check_digit(digits, 9) && digits[10] == cpf_check_digit(digits, 10);
}

/// Reads a fixed form from the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  /// The number that the next `count` digits are, if it is not above `limit`; -1 otherwise.
  int number(std::size_t count, int limit) {
    if (rest_.size() < count) return -1;
    int value = 0;
    for (const char c : rest_.substr(0, count)) {
      if (!is_digit(c)) return -1;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value <= limit ? value : -1;
  }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// From one to nine digits behind a point, in milliseconds; -1 if they are not that.
  int fraction() {
    std::size_t count = 0;
    int value = 0;
    for (int weight = 100; count < rest_.size() && is_digit(rest_[count]); ++count, weight /= 10)
      value += weight * (rest_[count] - '0');
    rest_.remove_prefix(count);
    return count > 0 && count <= 9 ? value : -1;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

std::optional<std::chrono::sys_days> scan_date(Scanner& in) {
  const int year = in.number(4, 9999);
  const bool first = in.take('-');
  const int month = in.number(2, 12);
  const bool second = in.take('-');
  const int day = in.number(2, 31);
  if (year < 0 || !first || month < 1 || !second || day < 1) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

/// Since midnight. Seconds up to 60: leap seconds are times, too.
std::optional<milliseconds> scan_time(Scanner& in) {
  const int hour = in.number(2, 23);
  const bool first = in.take(':');
  const int minute = in.number(2, 59);
  const bool second = in.take(':');
  const int seconds = in.number(2, 60);
  const int fraction = in.take('.') ? in.fraction() : 0;
  if (hour < 0 || !first || minute < 0 || !second || seconds < 0 || fraction < 0) return std::nullopt;
  return std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(seconds) +
         milliseconds(fraction);
}

std::optional<std::chrono::minutes> scan_offset(Scanner& in) {
  if (in.take('Z') || in.take('z')) return std::chrono::minutes(0);
  const int sign = in.take('-') ? -1 : 1;
  if (sign > 0 && !in.take('+')) return std::nullopt;
  const int hour = in.number(2, 23);
  const bool colon = in.take(':');
  const int minute = in.number(2, 59);
  if (hour < 0 || !colon || minute < 0) return std::nullopt;
  return std::chrono::minutes(sign * (60 * hour + minute));
}

std::optional<Moment> scan_date_time(std::string_view text, bool space_allowed) {
  Scanner in(text);
  const auto date = scan_date(in);
  if (!date || (!in.take('T') && !in.take('t'))) return std::nullopt;
  const auto time = scan_time(in);
  if (space_allowed) in.take(' ');
  const auto offset = scan_offset(in);
  if (!time || !offset || !in.at_end()) return std::nullopt;
  return *date + *time - *offset;
}

std::optional<Moment> scan_whole_date(std::string_view text) {
  Scanner in(text);
  const auto date = scan_date(in);
  return date && in.at_end() ? std::optional<Moment>(*date) : std::nullopt;
}

/// Of a text of one of the formats of times, or of what would be one if it could be written in UTC.
std::optional<Moment> scan_moment(std::string_view text, TextFormat format) {
  if (format == TextFormat::kDate) return scan_whole_date(text);
  return scan_date_time(text, format == TextFormat::kDateTimeSpaced);
}

/// In UTC, and as it stands: there is no year 0.
bool is_writable(Moment moment, std::string_view text) {
  return moment >= kFirstMoment && moment <= kLastMoment && !text.starts_with("0000");
}

}  // namespace

std::optional<TextFormat> text_format(std::string_view name) {
  if (name == "email") return TextFormat::kEmail;
  if (name == "date-time") return TextFormat::kDateTime;
  if (name == "date-time-spaced") return TextFormat::kDateTimeSpaced;
  if (name == "date") return TextFormat::kDate;
  if (name == "cpf") return TextFormat::kCpf;
  return std::nullopt;
}

bool has_format(std::string_view text, TextFormat format) {
  if (format == TextFormat::kEmail) return is_email(text);
  if (format == TextFormat::kCpf) return is_cpf(text);
  const auto moment = scan_moment(text, format);
  return moment && is_writable(*moment, text);
}

std::optional<Moment> parse_date_time(std::string_view text) {
  const auto moment = scan_date_time(text, true);
  return moment && is_writable(*moment, text) ? moment : std::nullopt;
}

std::string_view expectation(TextFormat format, std::string_view text) {
  const bool is_time = format != TextFormat::kEmail && format != TextFormat::kCpf;
  const bool is_unwritable = is_time && scan_moment(text, format);
  if (is_unwritable && format == TextFormat::kDate) return "a day from 0001-01-01 to 9999-12-31";
  if (is_unwritable) return "a time from the year 0001 to the year 9999, in UTC, too";
  switch (format) {
    case TextFormat::kEmail:
      return "an e-mail address, such as name@example.com";
    case TextFormat::kDateTime:
      return "a date and time with offset, such as 2024-03-11T12:00:00+00:00";
    case TextFormat::kDateTimeSpaced:
      return "a date and time with offset, such as 2024-03-11T12:00:00 +00:00";
    case TextFormat::kDate:
      return "a day of the calendar, such as 2024-03-11";
    case TextFormat::kCpf:
      return "a CPF with its check digits, such as 153.509.460-56 or 15350946056";
  }
  return {};
}

}  // namespace comporta
