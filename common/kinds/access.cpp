#include "common/kinds/access.h"

#include <algorithm>

#include "common/base/text.h"
#include "common/base/uuid.h"
#include "common/broker/message.h"
#include "common/json/rapid.h"
#include "common/kinds/reading.h"

namespace comporta {
namespace {

constexpr std::string_view kRule =
    "must be anyone, login, owner or a role, or a list of these without anyone";

AccessRule rule_of(const std::vector<std::string>& words, bool& good) {
  AccessRule rule;
  for (const std::string& word : words) {
    if (word == "anyone")
      rule.anyone = true;
    else if (word == "login")
      rule.login = true;
    else if (word == "owner")
      rule.owner = true;
    else if (is_kind_name(word) && word != "system")
      rule.roles.push_back(word);
    else
      good = false;
  }
  good = good && !words.empty() && (!rule.anyone || words.size() == 1);
  return rule;
}

bool asks_for_owner(const KindAccess& access) {
  const auto owned = [](const auto& view) { return view.second.owner; };
  return access.change.owner || access.read.owner ||
         std::any_of(access.views.begin(), access.views.end(), owned);
}

/// The member must be one of the schema, of that type.
void look_up(const Section& section, std::string_view key, const std::string& member,
             const RecordSchema* schema, std::string_view type = "string") {
  if (member.empty() || schema == nullptr) return;
  if (!schema->has_type(pointer_below("", member), type))
    section.fault(
        key, "`" + member + "` must be among the schema's properties, of `type: " + std::string(type) + "`");
}

void hold_owner(const Section& section, const Kind& kind, const KindAccess& access) {
  if (access.create.owner) section.fault("create", "what is created has no owner yet: `login` is meant");
  if (!asks_for_owner(access)) return;
  if (access.owner.empty()) section.fault("owner", "is missing, but a rule asks for the owner");
  if (access.accounts.size() != 1)
    section.fault("accounts", "an owner is of one kind of accounts: name just that");
  const auto& fields = kind.cache_fields;
  if (access.owner != kind.key && std::find(fields.begin(), fields.end(), access.owner) == fields.end())
    section.fault("owner", "must be among `cache.fields`, where it is looked up");
}

/// What views fill in is seen in the cache, and nowhere else.
void hold_stamp_of_views(const Section& stamps, const std::string& member, const Kind& kind) {
  const auto& fields = kind.cache_fields;
  if (kind.views_lua.empty() || !kind.views.compares.empty())
    stamps.fault(member, "needs a views.lua that is asked about every record");
  if (member == kind.key || std::find(fields.begin(), fields.end(), member) == fields.end())
    stamps.fault(member, "must be among `cache.fields`, and not the key, to be filled in by views");
}

/// What is filled in must be what the schema asks for; of keys nobody knows.
void hold_stamp(const Section& stamps, const std::string& member, Stamp stamp, const RecordSchema* schema) {
  if (stamp == Stamp::kPrincipal || stamp == Stamp::kViews || schema == nullptr) return;
  if (!schema->has_type(pointer_below("", member), "string")) return;
  const std::string example = stamp == Stamp::kNow ? rfc3339({}) : new_uuid_v7();
  std::string record = "{" + json_string(member) + ":" + json_string(example) + "}";
  const auto checked = check_upload(record, UploadFormat::kJson, *schema->of_member_alone(member), {});
  if (const auto* problem = std::get_if<Problem>(&checked))
    stamps.fault(member, "the schema does not take " + example + ": it " + problem->errors.at(0).detail);
}

const KindQuery* find_question(const Kind& kind, const std::string& name) {
  if (const auto query = kind.views.queries.find(name); query != kind.views.queries.end())
    return &query->second;
  const auto lookup = kind.lookups.find(name);
  return lookup == kind.lookups.end() ? nullptr : &lookup->second.question;
}

/// Of `uuid of number`: `number`; empty if that is not what is said.
std::string read_uuid_source(const Section& stamps, const std::string& member, const RecordSchema* schema,
                             const Kind& kind) {
  constexpr std::string_view kUuidOf = "uuid of ";
  const std::string text = stamps.text(member, "");
  if (!text.starts_with(kUuidOf)) return {};
  std::string source = text.substr(kUuidOf.size());
  if (schema != nullptr && !schema->describes_member(source))
    stamps.fault(member, "the schema has no `" + source + "` among its properties");
  if (kind.account.is_one()) stamps.fault(member, "of an account no UUID is made from a member");
  return source;
}

/// Of a list nobody knows whose the entries are: the caller's own are found by a parameter.
void hold_view(const Section& views, const std::string& name, const Kind& kind, const AccessRule& rule) {
  const KindQuery* const question = find_question(kind, name);
  if (question == nullptr) return views.fault(name, "the kind has no such query or lookup");
  const auto& parameters = question->parameters;
  const auto asks_for_caller = [](const auto& parameter) { return parameter.second.is_caller; };
  if (rule.owner && std::none_of(parameters.begin(), parameters.end(), asks_for_caller))
    views.fault(name, "asks for the owner, but no parameter of the query is `from: principal`");
}

}  // namespace

AccessRule read_rule(const Section& section, std::string_view key, const AccessRule& fallback) {
  if (!section.has(key)) return fallback;
  bool good = true;
  const AccessRule rule = rule_of(section.one_or_more_texts(key), good);
  if (!good) section.fault(key, kRule);
  return rule;
}

KindAccess read_access(const Section& root, const RecordSchema* schema, const Kind& kind) {
  KindAccess access;
  const bool is_account = kind.account.is_one();
  if (!root.has("access") && !is_account) return access;
  const Section section = root.section("access");
  access.declared = true;
  access.accounts = section.texts("accounts");
  if (access.accounts.empty() && is_account) access.accounts = {kind.name};
  access.owner = is_account ? kind.key : section.text("owner", "");
  look_up(section, "owner", access.owner, schema);
  const AccessRule usual{.owner = is_account};
  access.create =
      is_account ? read_rule(root.section("account"), "sign_up", {}) : read_rule(section, "create", {});
  access.change = read_rule(section, "change", usual);
  access.read = read_rule(section, "read", usual);
  const Section views = section.section("views");
  for (const std::string& name : views.keys()) {
    access.views[name] = read_rule(views, name, {});
    hold_view(views, name, kind, access.views[name]);
  }
  hold_owner(section, kind, access);
  const bool compares = !kind.views.compares.empty();
  if (compares && !access.change.anyone)
    section.fault("change", "a kind whose views compare cannot refuse a change: it must be `anyone`");
  return access;
}

void read_stamps(const Section& stamps, const RecordSchema* schema, Kind& kind) {
  auto& read = kind.stamps;
  for (const std::string& member : stamps.keys()) {
    const std::string source = read_uuid_source(stamps, member, schema, kind);
    if (!source.empty()) kind.uuid_sources[member] = source;
    const std::string name =
        source.empty() ? stamps.choice(member, "now", {"principal", "now", "uuid", "views"}) : "uuid";
    read[member] = name == "principal" ? Stamp::kPrincipal
                   : name == "uuid"    ? Stamp::kUuid
                   : name == "views"   ? Stamp::kViews
                                       : Stamp::kNow;
    look_up(stamps, member, member, schema);
    if (name == "principal" && kind.access.create.anyone)
      stamps.fault(member, "needs somebody who has logged in, but anyone may create");
    if (name == "views") hold_stamp_of_views(stamps, member, kind);
    hold_stamp(stamps, member, read[member], schema);
  }
}

KindAccount read_account(const Section& root, const RecordSchema* schema, const Kind& kind) {
  KindAccount account;
  if (!root.has("account")) return account;
  const Section section = root.section("account");
  account.login = section.required_text("login");
  account.password = section.required_text("password");
  account.roles = section.text("roles", "");
  for (const auto& [key, member] :
       {std::pair{"login", account.login}, std::pair{"password", account.password}}) {
    look_up(section, key, member, schema);
  }
  look_up(section, "roles", account.roles, schema, "array");
  account.keeps = section.text("keeps", "");
  if (section.has("keeps") && (!is_kind_name(account.keeps) || account.roles.empty()))
    section.fault("keeps", "must be the name of a role, and `roles` the member with them");
  if (schema != nullptr && !account.login.empty() && !schema->requires_member(account.login))
    section.fault("login", "the schema does not require `" + account.login + "`");
  for (const auto& [where, fields] :
       {std::pair{"cache", kind.cache_fields}, std::pair{"views", kind.views.fields}})
    if (std::find(fields.begin(), fields.end(), account.password) != fields.end())
      root.section(where).fault("fields", "must not have the password among them");
  const auto& folded = kind.views.folded;
  if (std::find(folded.begin(), folded.end(), account.password) != folded.end())
    root.section("views").fault("folded", "must not have the password among them");
  if (!kind.views.compares.empty())
    root.section("views").fault("compares", "accounts cannot be compared: a name that is taken is refused");
  if (account.password == account.login || account.password == kind.key)
    section.fault("password", "is another member's, too");
  if (kind.ttl.count() != 0) root.section("cache").fault("ttl", "of accounts must be 0s: until deleted");
  return account;
}

}  // namespace comporta
