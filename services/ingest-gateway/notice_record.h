#pragma once
// What of a notice becomes a record: `hook.record` in kind.yaml. Pure.

#include <map>
#include <optional>
#include <string>

#include "common/http/server.h"
#include "common/kinds/hooks.h"

namespace comporta::gateway {

/// JSON; nothing if the body has to be read, and is not JSON. `query` is that of the notice, decoded. What is
/// empty, null, a list or an object is not there.
std::optional<std::string> notice_record(const KindHook& hook, const HttpRequest& notice,
                                         const std::map<std::string, std::string>& query);

}  // namespace comporta::gateway
