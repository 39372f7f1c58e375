#pragma once
// Whether a browser sends this for a page of another site (cross-site request forgery).

#include <optional>

#include "common/base/problem.h"
#include "common/http/server.h"

namespace comporta {

/// A 403 if it does. Browsers say so in `Sec-Fetch-Site` (Fetch Metadata, W3C); those that do not, in
/// `Origin`, which is compared with the host that was asked: `X-Forwarded-Host` where a proxy says it, `Host`
/// otherwise. What has neither comes from a program, which has no visitor whose rights it could borrow.
std::optional<Problem> unless_from_here(const HttpRequest& request);

}  // namespace comporta
