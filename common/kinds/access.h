#pragma once
// Who may do what with a kind's records, what the door fills in, and what makes a kind one of accounts:
// `access`, `stamps` and `account` in kind.yaml.

#include <map>
#include <string>
#include <vector>

#include "common/access/caller.h"

namespace comporta {

/// Of a kind that says nothing all is open to anyone. What a declared one leaves out is for admins alone, but
/// that an account is its own: whoever logs in with it may read and change it.
struct KindAccess {
  bool declared = false;
  std::vector<std::string> accounts;  ///< the kinds of those who log in here
  /// The member that has the key of its owner's account; empty: nobody's. Of an account it is its own key.
  std::string owner;
  AccessRule create{.anyone = true};
  AccessRule change{.anyone = true};
  AccessRule read{.anyone = true};
  std::map<std::string, AccessRule, std::less<>> views;  ///< by query or lookup; of others `read` holds

  const AccessRule& of_view(std::string_view query) const {
    const auto found = views.find(query);
    return found == views.end() ? read : found->second;
  }
};

/// Whether nobody else may: then what they send may have all in it.
inline bool is_for_admins(const AccessRule& rule) {
  return !rule.anyone && !rule.login && !rule.any_login && rule.roles.empty();
}

/// What a member is filled with, by the door unless it says otherwise. Sent by anybody but an admin it is
/// refused.
enum class Stamp {
  kPrincipal,  ///< the key of the caller's account
  kNow,        ///< the time of receipt, RFC 3339
  /// A UUIDv7, the same when the upload comes again with its Idempotency-Key; or, made from another member,
  /// the same whenever the same caller sends the same value.
  kUuid,
  kViews,  ///< what views.lua says, once the record is applied
};

struct KindAccount {
  std::string login;     ///< the member that is unique, folded at the door; empty: it is no kind of accounts
  std::string password;  ///< the member that comes as text and is hashed at the door; optional in a record
  std::string roles;     ///< the member with names of roles, which only an admin sets; empty: there are none
  std::string keeps;     ///< the role that somebody always has, once somebody had it; empty: none

  bool is_one() const { return !login.empty(); }
};

}  // namespace comporta
