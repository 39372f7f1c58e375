#pragma once
// The API's document, OpenAPI 3.1: what is the same in every installation, and what its kinds make of it.

#include <cstddef>
#include <string>
#include <string_view>

#include "common/access/gatekeeper.h"
#include "common/kinds/kind.h"

namespace comporta::gateway {

inline constexpr char kOpenApiPath[] = "/openapi.json";

/// services/ingest-gateway/openapi.json. Paths with `{kind}` in them that belong to a kind's records and
/// queries are patterns: each kind gets its own of them. `x-kinds` says of which kinds a path is there for:
/// `all`, those with `views`, with `accounts`, or the one of that name.
std::string general_openapi();

/// The document that is served. `keeper` knows what of the kinds' rules is in force, and `least_password` is
/// the fewest characters of a password.
std::string openapi_json(const KindSet& kinds, const Gatekeeper& keeper, std::size_t least_password);

}  // namespace comporta::gateway
