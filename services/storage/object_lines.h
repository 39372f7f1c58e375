#pragma once
// The lines of an object, and what of them may be answered. Pure.

#include <optional>
#include <string>
#include <string_view>

namespace comporta {

/// Who sent a part, as its line says before its records; empty: nobody who had logged in, or it does not say.
std::string principal_of(std::string_view line);

/// Which lines; what is nothing does not choose.
struct LineChoice {
  std::string upload;                    ///< of this upload alone; empty: of all
  std::optional<std::string> principal;  ///< sent by just this one
};
std::string lines_of(std::string_view object, const LineChoice& choice);

/// The same lines, with no member of that name in any of their records. A line that is no part is left out.
std::string without_member(std::string_view lines, std::string_view member);

}  // namespace comporta
