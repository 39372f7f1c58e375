#pragma once
// Which regular expressions a schema may hold.

#include <string>
#include <string_view>

namespace comporta {

/// What is wrong with `pattern` (well-formed UTF-8) for the engine that runs it; empty if nothing is.
///
/// RapidJSON 1.1.0's engine drops what it cannot parse, takes `^` and `$` anywhere for anchors of the whole,
/// loops for ever on a repeated empty match and misses empty matches of a pattern that is not anchored at
/// both ends. So only what it gets right is let through: characters, `.`, `[…]`, groups, `|`, `? * + {n} {n,}
/// {n,m}`, and `^` and `$` at the ends.
std::string pattern_fault(std::string_view pattern);

}  // namespace comporta
