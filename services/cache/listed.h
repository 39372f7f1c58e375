#pragma once
// Answers of views as tables, for those who ask for text/csv.

#include <optional>

#include "common/base/problem.h"
#include "common/http/server.h"
#include "common/kinds/kind.h"

namespace comporta {

/// Writes the answer of a view of `kind`, which is JSON, as CSV, if the request's `Accept` wants that more.
/// Then its columns are in the order of the schema, and called by the kind's labels in the language of
/// `Accept-Language`, if that is one of theirs; a `Link` leads to the next page. A Problem, 406, if the
/// answer is no list and JSON is not accepted either.
std::optional<Problem> list_as_asked(HttpResponse& response, const Kind& kind, const HttpRequest& request);

}  // namespace comporta
