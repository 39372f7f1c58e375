#pragma once
// Problems as answers: `application/problem+json` of RFC 9457.

#include <string_view>

#include "common/base/problem.h"
#include "common/http/server.h"

namespace comporta {

/// The answer for `problem`; `instance` is the request's path. 503 carries `Retry-After: 1`,
/// 401 `WWW-Authenticate: Bearer`, with the error of a token that is not believed (RFC 6750).
HttpResponse problem_response(const Problem& problem, std::string_view instance, std::string_view trace_id);

/// `response`, which nobody on its way may keep: it may be out of date a moment later, or be for one alone.
HttpResponse not_kept(HttpResponse response);
/// The answer to `request`, not to be kept, with the request's trace or, if it has none, a new one.
HttpResponse refusal(const Problem& problem, const HttpRequest& request);

}  // namespace comporta
