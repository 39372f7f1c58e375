#include "services/cache/preferred_wait.h"

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/base/text.h"

namespace comporta {
namespace {

std::chrono::seconds seconds_in(std::string_view text) {
  if (text.size() > 2 && text.starts_with('"') && text.ends_with('"')) text = text.substr(1, text.size() - 2);
  return std::chrono::seconds(whole_number<std::uint32_t>(text).value_or(0));
}

/// Of `wait = "5"; more`.
std::optional<std::chrono::seconds> wait_in(std::string_view preference) {
  preference = preference.substr(0, preference.find(';'));
  const std::string_view name = preference.substr(0, preference.find('='));
  if (!iequals(trim(name), "wait")) return std::nullopt;
  if (name.size() == preference.size()) return std::chrono::seconds(0);
  return seconds_in(trim(preference.substr(name.size() + 1)));
}

}  // namespace

std::chrono::seconds preferred_wait(const HttpRequest& request) {
  for (const auto& [name, value] : request.headers) {
    if (name != "prefer") continue;
    for (std::string_view rest = value; !rest.empty();) {
      const std::string_view preference = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), preference.size() + 1));
      if (const auto wait = wait_in(preference)) return *wait;
    }
  }
  return std::chrono::seconds(0);
}

}  // namespace comporta
