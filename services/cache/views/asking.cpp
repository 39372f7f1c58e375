#include "services/cache/views/asking.h"

#include <algorithm>

namespace comporta {
namespace {

/// By a role, or because it is open: not by whose it is, nor by having logged in alone.
bool may_ask_about_others(AccessRule rule, const Kind& kind, const std::optional<Caller>& asker) {
  rule.login = rule.owner = false;
  return permission(rule, kind.access.accounts, asker) == Permission::kYes;
}

/// The key of the account, if it is one of those that count for the kind.
std::optional<std::string> key_of(const Kind& kind, const std::optional<Caller>& asker) {
  const auto& accounts = kind.access.accounts;
  const bool counts = asker && std::find(accounts.begin(), accounts.end(), asker->kind) != accounts.end();
  return counts ? std::optional(asker->key) : std::nullopt;
}

}  // namespace

AccessRule rule_for(const KindQuery& question, AccessRule rule, const Gatekeeper& keeper) {
  rule = keeper.in_force(std::move(rule));
  const auto asks_for_caller = [](const auto& parameter) { return parameter.second.is_caller; };
  rule.owner = rule.owner && std::ranges::any_of(question.parameters, asks_for_caller);
  return rule;
}

std::variant<Arguments, Problem> arguments_for(const Kind& kind, const KindQuery& question,
                                               const AccessRule& rule, std::string_view query,
                                               const std::optional<Caller>& asker, const Gatekeeper& keeper) {
  if (auto problem = keeper.unless(permission(rule, kind.access.accounts, asker))) return std::move(*problem);
  auto arguments = read_arguments(question, query, key_of(kind, asker));
  const auto* read = std::get_if<Arguments>(&arguments);
  if (read != nullptr && read->of_another && !may_ask_about_others(rule, kind, asker))
    return *keeper.unless(Permission::kNo);
  return arguments;
}

}  // namespace comporta
