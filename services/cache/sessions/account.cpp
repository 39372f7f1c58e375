#include "services/cache/sessions/account.h"

#include "common/base/digest.h"
#include "common/base/text.h"
#include "common/json/rapid.h"

namespace comporta {

std::string Account::digest(std::string_view more) const {
  std::string all_roles;
  for (const std::string& role : roles) append_json_string(all_roles, role);
  return to_hex(sha256_of_pieces({password, all_roles, more}));
}

std::optional<Account> parse_account(std::string_view kind, std::string_view key, std::string_view text) {
  rapidjson::Document document;
  document.Parse(text.data(), text.size());
  if (document.HasParseError() || !document.IsObject()) return std::nullopt;
  Account account{.kind = std::string(kind),
                  .key = std::string(key),
                  .login = std::string(text_in(document, "login")),
                  .password = std::string(text_in(document, "password")),
                  .roles = {}};
  if (const rapidjson::Value* const roles = member_of(document, "roles");
      roles != nullptr && roles->IsArray())
    for (const rapidjson::Value& role : roles->GetArray())
      if (role.IsString()) account.roles.emplace_back(text_of(role));
  return account;
}

}  // namespace comporta
