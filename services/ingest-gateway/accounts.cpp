#include "services/ingest-gateway/accounts.h"

#include <optional>
#include <utility>

#include "common/base/error.h"
#include "common/base/folded_text.h"
#include "common/base/text.h"
#include "common/json/rapid.h"
#include "services/ingest-gateway/record_members.h"

namespace comporta::gateway {
namespace {

RecordFault fault_at(std::size_t index, const std::string& member, const char* keyword, std::string detail) {
  return {index, pointer_below("", member), keyword, std::move(detail)};
}

Problem too_many_passwords(std::size_t index, const std::string& member) {
  const std::string most = std::to_string(kMostPasswords);
  Problem problem = invalid_records(
      {fault_at(index, member, "maxPasswords", "an upload may set at most " + most + " passwords")}, 1, 0);
  problem.detail = "An upload may set at most " + most + " passwords: send the rest in another.";
  return problem;
}

}  // namespace

/// What a record says of its account.
struct Accounts::Account {
  std::optional<FoundMember> key;
  std::optional<FoundMember> login;
  std::optional<FoundMember> password;
  bool has_roles = false;  ///< whether it says them
  std::string folded;      ///< the login name

  bool is_hashed() const { return password && looks_hashed(*password->text); }
};

Accounts::Account Accounts::read(std::string_view record) const {
  const std::vector<std::string_view> names{kind_.key, kind_.account.login, kind_.account.password,
                                            kind_.account.roles};
  auto found = find_members(record, names);
  if (names[0] == names[1]) found[1] = found[0];
  Account account{std::move(found[0]),
                  std::move(found[1]),
                  std::move(found[2]),
                  !kind_.account.roles.empty() && found[3],
                  {}};
  comporta::check(account.login && account.login->text, "the schema requires a login name, a text");
  append_folded(account.folded, *account.login->text);
  return account;
}

std::string Accounts::key_of(const Account& account, std::size_t index, const Occasion& occasion) const {
  if (account.key) return *account.key->text;
  return occasion.address.empty() ? stamped_uuid(occasion.upload, index, kind_.key) : occasion.address;
}

std::string Accounts::fault_of_login(const Account& account) const {
  if (account.folded.empty()) return "must not be blank";
  if (kind_.key != kind_.account.login || account.folded == *account.login->text) return {};
  return "must be in lower case, without blanks around it: it is the record's key";
}

std::string Accounts::fault_of_password(const Account& account, bool by_admin) const {
  const std::string& text = *account.password->text;
  if (!account.is_hashed()) return comporta::fault_of_password(text, account.folded, rules_).value_or("");
  if (!by_admin) return "is a hash, which only an admin may send";
  return hasher_.can_match(text) ? "" : "is no hash that can be checked here";
}

std::variant<CheckedAccounts, Problem> Accounts::check(std::string_view body, const CheckedUpload& checked,
                                                       const Occasion& occasion,
                                                       const MayBeChange& may_be_change) const {
  CheckedAccounts accounts;
  std::vector<RecordFault> faults;
  for (std::size_t i = 0; i < checked.records.size() && faults.size() < max_faults_; ++i) {
    const RecordSlice slice = checked.records[i];
    const Account account = read(body.substr(slice.begin, slice.end - slice.begin));
    const std::string key = key_of(account, i, occasion);
    if (std::string detail = fault_of_login(account); !detail.empty()) {
      faults.push_back(fault_at(i, kind_.account.login, "login", std::move(detail)));
    } else if (!account.password) {
      if (!occasion.by_admin && !may_be_change(key))
        faults.push_back(
            fault_at(i, kind_.account.password, "required", "is missing: a new account needs one"));
    } else if (detail = fault_of_password(account, occasion.by_admin); !detail.empty()) {
      faults.push_back(fault_at(i, kind_.account.password, "password", std::move(detail)));
    } else if (!account.is_hashed()) {
      if (accounts.passwords.size() == kMostPasswords) return too_many_passwords(i, kind_.account.password);
      accounts.passwords.push_back({i, kind_.name + "/" + key, *account.password->text});
      accounts.growth += hasher_.hash_bytes();
    }
    if (account.has_roles) accounts.given_roles.push_back(kind_.name + "/" + key);
    accounts.growth += json_string(account.folded).size();
  }
  if (!faults.empty()) return invalid_records(std::move(faults), checked.records.size(), max_faults_);
  return accounts;
}

void Accounts::pretend_to_hash(CheckedAccounts& accounts) const {
  for (NewPassword& password : accounts.passwords) password.text.assign(hasher_.hash_bytes(), '*');
}

void Accounts::rewrite(std::string& body, CheckedUpload& checked, const CheckedAccounts& accounts) const {
  std::string rewritten;
  rewritten.reserve(body.size() + accounts.growth);
  auto next = accounts.passwords.begin();
  for (std::size_t i = 0; i < checked.records.size(); ++i) {
    RecordSlice& slice = checked.records[i];
    const std::string_view record = std::string_view(body).substr(slice.begin, slice.end - slice.begin);
    const Account account = read(record);
    std::vector<std::pair<FoundMember, std::string_view>> changes;
    if (account.folded != *account.login->text) changes.emplace_back(*account.login, account.folded);
    if (next != accounts.passwords.end() && next->index == i)
      changes.emplace_back(*account.password, (next++)->text);
    const auto begin = static_cast<std::uint32_t>(rewritten.size());
    append_changed(rewritten, record, std::move(changes));
    slice = {begin, static_cast<std::uint32_t>(rewritten.size())};
  }
  body = std::move(rewritten);
}

}  // namespace comporta::gateway
