#include "common/base/time_zone.h"

#include <absl/time/time.h>

#include <algorithm>

namespace comporta {
namespace {

/// In the year 1: the library knows no offset of its infinite past.
constexpr std::int64_t kBeforeAllChanges = -62'135'596'800;

/// The library takes more: paths, offsets, and what the machine itself is set to.
bool is_zone_name(std::string_view name) {
  const auto fits_in = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '+' || c == '-' || c == '/';
  };
  if (name.empty() || name.front() == '/' || !std::all_of(name.begin(), name.end(), fits_in)) return false;
  return name != "localtime" && !name.starts_with("Fixed/") && !name.starts_with("posix/") &&
         !name.starts_with("right/");  // which count leap seconds
}

std::int64_t offset_at(const absl::TimeZone& zone, absl::Time time) {
  return zone.At(time).offset;
}

}  // namespace

std::optional<TimeZone> find_time_zone(std::string_view name) {
  TimeZone found{std::string(name), 0, {}};
  absl::TimeZone zone;
  if (!is_zone_name(name) || !absl::LoadTimeZone(found.name, &zone)) return std::nullopt;
  found.first_offset = offset_at(zone, absl::FromUnixSeconds(kBeforeAllChanges));
  std::int64_t offset = found.first_offset;
  const absl::Time end = absl::FromUnixSeconds(kChangesUntil);
  absl::TimeZone::CivilTransition next;
  for (absl::Time at = absl::InfinitePast(); zone.NextTransition(at, &next);) {
    at = zone.At(next.to).trans;
    if (at >= end) break;
    if (offset_at(zone, at) == offset) continue;  // only its name changed
    offset = offset_at(zone, at);
    found.changes.push_back({absl::ToUnixSeconds(at), offset});
  }
  return found;
}

}  // namespace comporta
