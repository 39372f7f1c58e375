#pragma once
// Time zones by the system's database (tzdata), with their history. Pure, but for the reading of its files.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace comporta {

/// From this moment on, in Unix seconds, the offset is another one.
struct OffsetChange {
  std::int64_t at;
  std::int64_t offset;  ///< seconds to be added to UTC
};

/// A plain value.
struct TimeZone {
  std::string name = "UTC";
  std::int64_t first_offset = 0;      ///< before all changes: mostly local mean time
  std::vector<OffsetChange> changes;  ///< in their order; those known or foreseen before kChangesUntil
};

/// 2438-01-01 in Unix seconds. Later ones are those of 400 years before, when the calendar was the same.
inline constexpr std::int64_t kChangesUntil = 14'768'697'600;

/// `America/Sao_Paulo`; nothing if the database has none of that name. `UTC` needs no database.
std::optional<TimeZone> find_time_zone(std::string_view name);

}  // namespace comporta
