#pragma once
// Who may send what: `access` in kind.yaml, as far as it can be told without looking at what there is.
// Whether a record is there, and whose, is told by the cache, in the order of arrival.

#include <optional>

#include "common/access/gatekeeper.h"
#include "common/base/problem.h"
#include "common/http/server.h"
#include "common/kinds/kind.h"
#include "services/ingest-gateway/ingest.h"

namespace comporta::gateway {

/// Who may create, as this installation has it. Signing up stays as the kind says.
AccessRule creation_rule(const Kind& kind, const Gatekeeper& keeper);

/// Notes in `intake` who sends it. A Problem, 401 or 403, if nobody who does may do so. Any thread.
std::optional<Problem> unless_allowed(Gatekeeper& keeper, const HttpRequest& request, Intake& intake);

}  // namespace comporta::gateway
