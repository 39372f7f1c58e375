#pragma once
// What a reader asks for, out of the query of a request. Pure.

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "common/base/problem.h"
#include "common/base/uuid.h"

namespace comporta {

inline constexpr std::size_t kDefaultPageObjects = 100;
inline constexpr std::size_t kMaxPageObjects = 1'000;

/// The arguments of ObjectReader::list().
struct PageQuery {
  std::string folder;
  std::string after;
  std::size_t limit = kDefaultPageObjects;
};

/// `date=YYYY-MM-DD&cursor=&limit=&all_days=`, each of them optional. The cursor is the id of the last batch
/// seen: its day is in it, so that a reader who gave no date (which means `now`'s, in UTC) stays on the day
/// they began. `all_days=true`: of any day, the first one first.
std::variant<PageQuery, Problem> parse_page_query(const std::string& kind, std::string_view query,
                                                  WallClock::time_point now);
/// The cursor that goes on after the object of that name.
std::string cursor_after(const std::string& name);

struct ObjectQuery {
  std::string upload;  ///< only this upload's lines; empty: all
};

/// `upload=<upload id>`, optional.
std::variant<ObjectQuery, Problem> parse_object_query(std::string_view query);

}  // namespace comporta
