#pragma once
// Somebody's account, as it is kept with the records of a kind of accounts.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace comporta {

struct Account {
  std::string kind;
  std::string key;
  std::string login;
  std::string password;  ///< its hash; empty: there is none, and no password is right
  std::vector<std::string> roles;

  std::string principal() const { return kind + "/" + key; }
  /// Another one once the password or the roles are others; nothing can be told from it. `more` goes in, too.
  std::string digest(std::string_view more) const;
};

/// Of PeopleStore::account_text(); nothing if it is no such text.
std::optional<Account> parse_account(std::string_view kind, std::string_view key, std::string_view text);

}  // namespace comporta
