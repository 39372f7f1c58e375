#pragma once
// The list of a kind's latest records, which its query `recent` shows: an entry for each part.

#include <cstddef>
#include <string>
#include <string_view>

#include "services/cache/apply/group.h"

namespace comporta {

inline constexpr std::size_t kRecent = 100;  ///< records in sight; RECENT of prelude/part.lua

/// A part's entry up to what became of its records, which whoever applies them puts behind it.
std::string latest_entry_start(const Group& group, const Part& part, std::string_view batch);

/// What stands there if nothing but "applied" and no flags.
inline constexpr std::string_view kNothingSpecial = R"(,"outcomes":{},"flags":{}})";

}  // namespace comporta
