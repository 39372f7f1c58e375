#pragma once
// Problems as answers: `application/problem+json` of RFC 9457.

#include <string_view>

#include "common/base/problem.h"
#include "common/http/server.h"

namespace comporta {

/// The answer for `problem`; `instance` is the request's path. 503 carries `Retry-After: 1`,
/// 401 `WWW-Authenticate: Bearer`, with the error of a token that is not believed (RFC 6750).
HttpResponse problem_response(const Problem& problem, std::string_view instance, std::string_view trace_id);

}  // namespace comporta
