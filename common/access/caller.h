#pragma once
// Who asks, and what a kind lets whom do. Plain values.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace comporta {

/// No kind is called so: it is the operator, who signs tokens with the key itself, and has no account.
inline constexpr std::string_view kSystemKind = "system";
/// No kind is called so, either: it is what the service itself has asked others about, under the id of that.
inline constexpr std::string_view kReactionKind = "reaction";
/// The role of those.
inline constexpr std::string_view kReactorRole = "reactor";

/// Somebody who has logged in: the account of a kind, `<kind>/<key>`.
struct Caller {
  std::string kind;
  std::string key;
  std::vector<std::string> roles;
  std::string session = {};

  std::string principal() const { return kind + "/" + key; }
  bool has_role(std::string_view role) const;
  bool is_admin() const { return has_role("admin"); }
  bool is_operator() const { return kind == kSystemKind && is_admin(); }
};

/// What logs say instead of whose account it is: 16 hexadecimal digits of the SHA-256 of its principal.
std::string name_in_logs(std::string_view principal);

/// Any of what it lists is enough; somebody with the role `admin` may always.
struct AccessRule {
  bool anyone = false;     ///< without logging in, too
  bool login = false;      ///< whoever has logged in with an account that the kind takes
  bool any_login = false;  ///< whoever has logged in at all
  bool owner = false;      ///< whose record it is
  std::vector<std::string> roles = {};

  bool operator==(const AccessRule&) const = default;
};

enum class Permission {
  kYes,
  kIfOwner,  ///< of what is their own
  kLogIn,    ///< nobody has logged in: 401
  kNo,       ///< somebody has, but may not: 403
};

/// `accounts`: the kinds whose accounts count for `login` and `owner`.
Permission permission(const AccessRule& rule, const std::vector<std::string>& accounts,
                      const std::optional<Caller>& caller);

}  // namespace comporta
