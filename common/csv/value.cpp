#include "common/csv/value.h"

#include <algorithm>

#include "common/base/folded_text.h"

namespace comporta {
namespace {

constexpr std::size_t kMostDigits = 40;
constexpr std::size_t kMostExponentDigits = 2;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

/// `e-5`, which spreadsheets write of small and large numbers. False if it begins so, and is none.
bool take_exponent(std::string_view& text, std::string& json) {
  if (text.empty() || (text[0] != 'e' && text[0] != 'E')) return true;
  json += 'e';
  text.remove_prefix(1);
  if (text.starts_with('-') || text.starts_with('+')) {
    json += text[0];
    text.remove_prefix(1);
  }
  const std::string_view digits = take_digits(text);
  json += digits;
  return !digits.empty() && digits.size() <= kMostExponentDigits;
}

}  // namespace

std::optional<CsvNumber> csv_number(std::string_view text) {
  CsvNumber number;
  if (text.starts_with('-')) number.json = "-";
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  std::string_view whole = take_digits(text);
  if (whole.empty() || whole.size() > kMostDigits) return std::nullopt;
  whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size() - 1));
  number.json += whole;
  if (text.starts_with('.') || text.starts_with(',')) {
    number.decimal_sign = text[0];
    text.remove_prefix(1);
    const std::string_view decimals = take_digits(text);
    if (decimals.empty() || decimals.size() > kMostDigits) return std::nullopt;
    (number.json += '.') += decimals;
  }
  if (!take_exponent(text, number.json) || !text.empty()) return std::nullopt;
  return number;
}

std::optional<bool> csv_flag(std::string_view text) {
  const std::string word = folded(text);
  for (const char* yes : {"true", "yes", "sim", "verdadeiro"})
    if (word == yes) return true;
  for (const char* no : {"false", "no", "não", "nao", "falso"})
    if (word == no) return false;
  return std::nullopt;
}

std::string_view csv_expectation(CsvType type) {
  switch (type) {
    case CsvType::kWhole:
      return "must be a whole number, without a sign between thousands, such as 1234";
    case CsvType::kNumber:
      return "must be a number, without a sign between thousands, such as 1234,50 or 1234.50";
    case CsvType::kFlag:
      return "must be yes or no, sim or não, true or false";
    case CsvType::kText:
    case CsvType::kNone:
      break;
  }
  return "must be a text";
}

}  // namespace comporta
