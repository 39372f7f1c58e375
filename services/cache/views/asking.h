#pragma once
// Who may ask a question of a kind, a view's or a lookup's, and with which arguments.

#include <optional>
#include <string_view>
#include <variant>

#include "common/access/gatekeeper.h"
#include "services/cache/views/arguments.h"

namespace comporta {

/// `rule`, as it is in force for that question. Of lists nobody knows whose the entries are: by ownership
/// alone only those may be asked for that one's own key leads to.
AccessRule rule_for(const KindQuery& question, AccessRule rule, const Gatekeeper& keeper);

/// The arguments in `query`, the URL's, for `asker`; or a problem: they may not ask, not about another, or
/// not so. `rule` is of rule_for().
std::variant<Arguments, Problem> arguments_for(const Kind& kind, const KindQuery& question,
                                               const AccessRule& rule, std::string_view query,
                                               const std::optional<Caller>& asker, const Gatekeeper& keeper);

}  // namespace comporta
