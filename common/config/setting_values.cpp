#include "common/config/setting_values.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <vector>

#include "common/base/text.h"

namespace comporta {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

// From the smallest to the largest.
constexpr std::array<Unit, 4> kTimeUnits = {{{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}}};
constexpr std::array<Unit, 4> kByteUnits = {{{"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}}};

std::optional<std::int64_t> parse_with_unit(std::string_view text, const std::array<Unit, 4>& units) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = parse_count(text.substr(0, digits));
  const auto* const unit =
      std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == text.substr(digits); });
  if (!number || unit == units.end()) return std::nullopt;
  if (*number > std::numeric_limits<std::int64_t>::max() / unit->factor) return std::nullopt;
  return *number * unit->factor;
}

std::string format_with_unit(std::int64_t number, const std::array<Unit, 4>& units) {
  std::size_t unit = 0;
  while (number != 0 && unit + 1 < units.size() && number % units[unit + 1].factor == 0) ++unit;
  return std::to_string(number / units[unit].factor).append(units[unit].name);
}

bool is_variable_name(std::string_view name) {
  const auto may_follow = [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  };
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), may_follow);
}

// `reference` is what stands between the braces.
std::variant<std::string, BadReference> look_up(std::string_view reference) {
  const std::size_t colon = reference.find(":-");
  const std::string name(reference.substr(0, colon));
  if (!is_variable_name(name)) return BadReference{json_string(name) + " is no name of a variable"};
  const char* const value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): one thread so far
  if (colon == std::string_view::npos) {
    if (value == nullptr) return BadReference{"the environment variable " + name + " is not set"};
    return value;
  }
  if (value == nullptr || *value == '\0') return std::string(reference.substr(colon + 2));
  return value;
}

// The least number of characters to insert, remove or replace (Levenshtein 1965), row by row.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::optional<std::int64_t> parse_count(std::string_view text) {
  return whole_number<std::int64_t>(text);
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto number = parse_with_unit(text, kTimeUnits);
  if (!number) return std::nullopt;
  return std::chrono::milliseconds{*number};
}

std::optional<std::size_t> parse_bytes(std::string_view text) {
  const auto number = parse_with_unit(text, kByteUnits);
  if (!number) return std::nullopt;
  return static_cast<std::size_t>(*number);
}

std::string format_duration(std::chrono::milliseconds duration) {
  return format_with_unit(duration.count(), kTimeUnits);
}

std::string format_bytes(std::size_t bytes) {
  return format_with_unit(static_cast<std::int64_t>(bytes), kByteUnits);
}

std::string format_text(std::string_view text) {
  constexpr std::string_view kReserved[] = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const bool plain = !text.empty() && (is_letter(text[0]) || text[0] == '/') &&
                     std::all_of(text.begin(), text.end(),
                                 [&](char c) {
                                   return is_letter(c) || (c >= '0' && c <= '9') ||
                                          std::string_view("_./-").find(c) != std::string_view::npos;
                                 }) &&
                     std::none_of(std::begin(kReserved), std::end(kReserved),
                                  [&](auto word) { return iequals(word, text); });
  return plain ? std::string(text) : json_string(text);
}

std::variant<std::string, BadReference> expand_environment(std::string_view text) {
  std::string out;
  for (;;) {
    const std::size_t start = text.find("${");
    out += text.substr(0, start);
    if (start == std::string_view::npos) return out;
    const std::size_t end = text.find('}', start);
    if (end == std::string_view::npos) return BadReference{"`${` is never closed by `}`"};
    auto value = look_up(text.substr(start + 2, end - start - 2));
    if (std::holds_alternative<BadReference>(value)) return value;
    out += std::get<std::string>(value);
    text.remove_prefix(end + 1);
  }
}

std::string_view similar_name(std::string_view name, const std::set<std::string, std::less<>>& names) {
  std::string_view best;
  std::size_t least = std::min<std::size_t>(name.size() / 2, 2) + 1;
  for (const std::string& candidate : names) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace comporta
