#pragma once
// What a view may be asked: the parameters of a URL, checked against those that kind.yaml declares. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/base/problem.h"
#include "common/kinds/kind.h"

namespace comporta {

inline constexpr std::string_view kRecentView = "recent";

/// One of the kind's own, or `recent` or `refused`; null if there is none.
const KindQuery* find_view(const Kind& kind, std::string_view name);

/// The query that asks the same as `value`, sent as the end of a path, and `query`: there a plus is a plus,
/// and slashes and ampersands are of the value. Nothing if the view has not one required parameter.
std::optional<std::string> as_query(const KindQuery& view, std::string_view value, std::string_view query);

/// The parameters of `query` (the URL's, as sent) as a JSON object, defaults filled in; or a problem that
/// names every one that is unknown, missing or does not fit.
std::variant<std::string, Problem> read_arguments(const KindQuery& view, std::string_view query);

}  // namespace comporta
