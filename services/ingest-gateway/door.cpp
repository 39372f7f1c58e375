#include "services/ingest-gateway/door.h"

#include <utility>

namespace comporta::gateway {

AccessRule creation_rule(const Kind& kind, const Gatekeeper& keeper) {
  return kind.account.is_one() ? kind.access.create : keeper.in_force(kind.access.create);
}

std::optional<Problem> unless_allowed(Gatekeeper& keeper, const HttpRequest& request, Intake& intake) {
  auto caller = keeper.caller(request);
  if (auto* problem = std::get_if<Problem>(&caller)) return std::move(*problem);
  intake.caller = std::get<std::optional<Caller>>(std::move(caller));
  const KindAccess& access = intake.kind->access;
  intake.change = permission(keeper.in_force(access.change), access.accounts, intake.caller);
  if (!intake.key.empty()) {
    if (auto problem = keeper.unless(intake.change)) return problem;
    // Whether what is set may be new is looked at where it is known: of those who have logged in, and of
    // kinds that do not compare.
    const bool is_looked_at = intake.caller && intake.kind->views.compares.empty();
    if (intake.is_delete || is_looked_at) return std::nullopt;
  }
  return keeper.unless(permission(creation_rule(*intake.kind, keeper), access.accounts, intake.caller));
}

}  // namespace comporta::gateway
