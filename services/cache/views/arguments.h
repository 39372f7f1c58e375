#pragma once
// What a view may be asked: the parameters of a URL, checked against those that kind.yaml declares. Pure.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/base/problem.h"
#include "common/kinds/kind.h"

namespace comporta {

inline constexpr std::string_view kRecentView = "recent";
inline constexpr std::string_view kRefusedView = "refused";
inline constexpr std::string_view kAccountsView = "accounts";  ///< of kinds of accounts

/// One of the kind's own, or one that every kind of its sort has; null if there is none.
const KindQuery* find_view(const Kind& kind, std::string_view name);

/// The query that asks the same as `value`, sent as the end of a path, and `query`: there a plus is a plus,
/// and slashes and ampersands are of the value. Nothing if the view has not one required parameter.
std::optional<std::string> as_query(const KindQuery& view, std::string_view value, std::string_view query);

struct Arguments {
  std::map<std::string, std::string> values;
  std::string json;         ///< the same as an object
  bool of_another = false;  ///< a parameter that is the caller's key has another value
};

/// The parameters of `query` (the URL's, as sent), defaults and the key of the caller's account filled in; or
/// a problem that names every one that is unknown, missing or does not fit.
std::variant<Arguments, Problem> read_arguments(const KindQuery& view, std::string_view query,
                                                const std::optional<std::string>& callers_key = {});

}  // namespace comporta
