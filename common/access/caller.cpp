#include "common/access/caller.h"

#include <algorithm>

#include "common/base/digest.h"

namespace comporta {

bool Caller::has_role(std::string_view role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

std::string name_in_logs(std::string_view principal) {
  constexpr std::size_t kDigits = 16;
  return to_hex(sha256(principal)).substr(0, kDigits);
}

Permission permission(const AccessRule& rule, const std::vector<std::string>& accounts,
                      const std::optional<Caller>& caller) {
  if (rule.anyone) return Permission::kYes;
  if (!caller) return Permission::kLogIn;
  if (rule.any_login) return Permission::kYes;
  const auto has = [&](const std::string& role) { return caller->has_role(role); };
  if (caller->is_admin() || std::any_of(rule.roles.begin(), rule.roles.end(), has)) return Permission::kYes;
  const bool counts = std::find(accounts.begin(), accounts.end(), caller->kind) != accounts.end();
  if (counts && rule.login) return Permission::kYes;
  return counts && rule.owner ? Permission::kIfOwner : Permission::kNo;
}

}  // namespace comporta
