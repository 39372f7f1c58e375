#pragma once
// Records that are accounts: `account` in kind.yaml. A password goes no further than here.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/access/password.h"
#include "common/base/problem.h"
#include "common/json/record_schema.h"
#include "common/kinds/kind.h"
#include "services/ingest-gateway/occasion.h"

namespace comporta::gateway {

/// Of one upload: they are hashed one after the other, and its client waits.
inline constexpr std::size_t kMostPasswords = 100;

struct NewPassword {
  std::size_t index;    ///< of the record
  std::string account;  ///< `<kind>/<key>`
  std::string text;     ///< as it was sent; the hash, when it has been made
};

struct CheckedAccounts {
  std::vector<NewPassword> passwords;
  std::vector<std::string> given_roles;  ///< accounts whose roles are said, `<kind>/<key>`
  std::size_t growth = 0;  ///< bytes that the upload becomes longer with hashes and folded names, at most
};

/// Whether a record with that key may be a change of one that is there: then a password that is left out is
/// the one that it has.
using MayBeChange = std::function<bool(std::string_view key)>;

/// The accounts of one kind. An immutable value: any number of threads may use it at once.
class Accounts {
 public:
  /// `kind` and `hasher` must outlive it.
  Accounts(const Kind& kind, const PasswordHasher& hasher, const PasswordRules& rules, std::size_t max_faults)
      : kind_(kind), hasher_(hasher), rules_(rules), max_faults_(max_faults) {}

  /// What is to be hashed of the records that `checked` found in `body`; or what is wrong with them, without
  /// a word of any password: 422.
  std::variant<CheckedAccounts, Problem> check(std::string_view body, const CheckedUpload& checked,
                                               const Occasion& occasion,
                                               const MayBeChange& may_be_change) const;
  /// Every text becomes its hash. Throws TransientError without memory.
  void hash(NewPassword& password) const { password.text = hasher_.hash(password.account, password.text); }
  /// Every text becomes as long as its hash, and says nothing.
  void pretend_to_hash(CheckedAccounts& accounts) const;
  /// Rewrites the records, with folded login names and what is now in the passwords' places.
  void rewrite(std::string& body, CheckedUpload& checked, const CheckedAccounts& accounts) const;

 private:
  struct Account;
  Account read(std::string_view record) const;
  std::string key_of(const Account& account, std::size_t index, const Occasion& occasion) const;
  std::string fault_of_login(const Account& account) const;
  std::string fault_of_password(const Account& account, bool by_admin) const;

  const Kind& kind_;
  const PasswordHasher& hasher_;
  const PasswordRules rules_;
  const std::size_t max_faults_;
};

}  // namespace comporta::gateway
