#pragma once
// The answer of GET /api/v1/kinds.

#include <string>
#include <vector>

#include "common/access/gatekeeper.h"
#include "common/kinds/kind.h"

namespace comporta::gateway {

/// Where a kind's schema and samples are served below.
inline constexpr char kKindsPath[] = "/api/v1/kinds";

/// The words of kind.yaml: `anyone`, `login`, `owner`, roles; at least one.
std::vector<std::string> words_of(const AccessRule& rule);

/// `keeper` knows what of their rules is in force.
std::string kinds_json(const KindSet& kinds, const Gatekeeper& keeper);

}  // namespace comporta::gateway
