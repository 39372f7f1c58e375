#pragma once
// The code that computes the views, for each family of kinds: the prelude (prelude/*.lua) and the views.lua
// of its kinds (docs/KINDS.md). Pure.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/kinds/kind.h"

namespace comporta {

extern const std::string_view kViewPrelude;

struct ViewLibrary {
  std::string family;
  std::string code;                ///< Lua 5.1; returns the prelude's entries, of start.lua
  std::vector<std::string> waits;  ///< kinds of which records may wait, or be waited for
};

/// By family; families without any views.lua have none. `prefix` is what the names of all keys begin with.
using ViewLibraries = std::map<std::string, ViewLibrary, std::less<>>;

ViewLibraries make_view_libraries(const KindSet& kinds, std::string_view prefix);

}  // namespace comporta
