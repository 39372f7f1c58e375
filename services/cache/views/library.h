#pragma once
// The Redis Function libraries that compute the views: one for each family of kinds, since functions of
// different libraries cannot call each other. A library is the prelude (prelude/*.lua) and the views.lua of
// its kinds (docs/KINDS.md). Pure.

#include <map>
#include <string>
#include <string_view>

#include "common/kinds/kind.h"

namespace comporta {

extern const std::string_view kViewPrelude;

struct ViewLibrary {
  /// `comporta_<family>_<12 digits of the text's SHA-256>`: another text is another library, so that daemons
  /// with older kinds go on beside those with newer ones. Its functions are `<name>_apply`, `<name>_wake` and
  /// `<name>_query`.
  std::string name;
  std::string code;
  bool may_wait;  ///< records of the family may wait for others
};

/// By family; families without any views.lua have none. `prefix` is what the names of all keys begin with.
using ViewLibraries = std::map<std::string, ViewLibrary, std::less<>>;

ViewLibraries make_view_libraries(const KindSet& kinds, std::string_view prefix);

}  // namespace comporta
