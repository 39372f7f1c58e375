#pragma once
// A query's parameters in the API's document. Not for others than the files behind openapi.h.

#include <string>
#include <string_view>

#include "common/kinds/views.h"

namespace comporta::gateway {

/// A Parameter Object that stands `in` the `query` or the `path`.
std::string openapi_parameter(const std::string& name, const QueryParameter& parameter, std::string_view in);

/// The schema of the object that is posted to a query.
std::string openapi_arguments(const KindQuery& query);

}  // namespace comporta::gateway
