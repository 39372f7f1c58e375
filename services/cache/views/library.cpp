#include "services/cache/views/library.h"

#include <algorithm>
#include <vector>

#include "services/cache/apply/key_names.h"

namespace comporta {
namespace {

using Members = std::vector<const Kind*>;

/// Any bytes as a text of Lua.
std::string lua_text(std::string_view bytes) {
  std::string out = "\"";
  for (const char c : bytes) {
    if (c == '"' || c == '\\' || c == '\n') out += '\\';
    if (c == '\r')
      out += "\\r";
    else if (c == '\0')
      out += "\\000";
    else
      out += c;
  }
  return out + "\"";
}

std::string lua_value(const ViewConstant& constant) {
  struct AsLua {
    std::string operator()(std::chrono::milliseconds time) const { return std::to_string(time.count()); }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(const std::string& text) const { return lua_text(text); }
  };
  return std::visit(AsLua{}, constant);
}

std::string describe_parameters(const KindViews& views) {
  std::string out = "{";
  for (const auto& [name, constant] : views.parameters)
    out += "[" + lua_text(name) + "]=" + lua_value(constant) + ",";
  return out + "}";
}

std::string describe_queries(const KindViews& views) {
  std::string out = "{";
  for (const auto& [name, query] : views.queries) out += lua_text(name) + ",";
  return out + "}";
}

/// A kind of the family that has no views of its own can be looked up, and changes nothing else.
std::string source_of(const Kind& kind) {
  return has_views(kind) ? kind.views_lua : std::string(kNothingComputed);
}

std::string describe_time_zone(const TimeZone& zone) {
  std::string moments;
  std::string offsets = std::to_string(zone.first_offset) + ",";
  for (const OffsetChange& change : zone.changes) {
    moments += std::to_string(change.at) + ",";
    offsets += std::to_string(change.offset) + ",";
  }
  return "{at={" + moments + "},offsets={" + offsets + "}}";
}

std::string describe_texts(const std::vector<std::string>& texts) {
  std::string out = "{";
  for (const std::string& text : texts) out += lua_text(text) + ",";
  return out + "}";
}

std::string describe_rule(const AccessRule& rule) {
  const auto flag = [](std::string_view name, bool is) { return is ? std::string(name) + "=true," : ""; };
  return "{" + flag("anyone", rule.anyone) + flag("login", rule.login) + flag("owner", rule.owner) +
         "roles=" + describe_texts(rule.roles) + "}";
}

/// The member that the door fills in with who sent a record, if it is the one that says whose it is; else
/// empty.
std::string stamped_owner(const Kind& kind) {
  const auto stamp = kind.stamps.find(kind.access.owner);
  const bool is_stamped = stamp != kind.stamps.end() && stamp->second == Stamp::kPrincipal;
  return is_stamped && kind.access.owner != kind.key ? kind.access.owner : "";
}

/// Of a kind that is open, or cannot refuse, nothing is looked at.
std::string describe_access(const Kind& kind) {
  const KindAccess& access = kind.access;
  if (!kind.views.compares.empty() || (access.create.anyone && access.change.anyone)) return "false";
  std::string accounts;
  for (const std::string& name : access.accounts) accounts += "[" + lua_text(name) + "]=true,";
  const bool is_alone = access.accounts.size() == 1;
  const std::string owner_kind = kind.account.is_one() ? kind.name : is_alone ? access.accounts.front() : "";
  return "{accounts={" + accounts + "},owner=" + lua_text(access.owner) +
         ",owner_is_key=" + (access.owner == kind.key ? "true" : "false") +
         ",stamped_owner=" + lua_text(stamped_owner(kind)) + ",owner_kind=" + lua_text(owner_kind) +
         ",change=" + describe_rule(access.change) + ",create=" + describe_rule(access.create) + "}";
}

std::string describe_stamps(const Kind& kind) {
  std::string members;
  for (const auto& [member, stamp] : kind.stamps)
    if (stamp == Stamp::kViews) members += "[" + lua_text(member) + "]=true,";
  return "{" + members + "}";
}

std::string describe_reactions(const Kind& kind) {
  std::string names;
  for (const auto& [name, reaction] : kind.reactions) names += "[" + lua_text(name) + "]=true,";
  return "{" + names + "}";
}

/// Whether its code may refuse records, until others are there.
bool may_refuse(const Kind& kind) {
  return has_views(kind) && kind.views_lua != kNothingComputed && kind.views.compares.empty();
}

std::string describe(const Kind& kind, std::string_view prefix) {
  const std::string& namesake = kind.views.names_of.empty() ? kind.name : kind.views.names_of;
  const bool ordered = kind.views.order == KindViews::Order::kOrdered;
  return "  [" + lua_text(kind.name) + "] = {\n    ttl = " + std::to_string(kind.ttl.count()) +
         ", ordered = " + (ordered ? "true" : "false") +
         ", compares = " + (kind.views.compares.empty() ? "false" : "true") +
         ", may_refuse = " + (may_refuse(kind) ? "true" : "false") +
         ", apart = " + (has_fields_apart(kind) ? "true" : "false") +
         ",\n    records = " + lua_text(record_key_start(prefix, kind.name)) +
         ", views = " + lua_text(view_key_start(prefix, kind.name)) +
         ", names = " + lua_text(view_key_start(prefix, namesake)) +
         ", outcomes = " + lua_text(outcome_key_start(prefix)) +
         ",\n    has_senders = " + (kind.access.declared ? "true" : "false") +
         ", account = " + (kind.account.is_one() ? "true" : "false") +
         ", keeps = " + (kind.account.keeps.empty() ? "false" : lua_text(kind.account.keeps)) +
         ", access = " + describe_access(kind) + ",\n    parameters = " + describe_parameters(kind.views) +
         ",\n    folded = " + describe_texts(kind.views.folded) + ", stamps = " + describe_stamps(kind) +
         ", reactions = " + describe_reactions(kind) + ", time_zone = " + describe_time_zone(kind.time_zone) +
         ",\n    query_names = " + describe_queries(kind.views) +
         ",\n    source = " + lua_text(source_of(kind)) + ",\n  },\n";
}

ViewLibrary make_library(std::string_view family, const Members& members, std::string_view prefix) {
  ViewLibrary library{.family = std::string(family), .code = std::string(kViewPrelude), .waits = {}};
  library.code += "\nreturn start({\n";
  const bool some_wait = std::ranges::any_of(members, [](const Kind* kind) { return may_refuse(*kind); });
  for (const Kind* kind : members) {
    library.code += describe(*kind, prefix);
    if (some_wait && kind->views.compares.empty()) library.waits.push_back(kind->name);
  }
  library.code += "})\n";
  return library;
}

}  // namespace

ViewLibraries make_view_libraries(const KindSet& kinds, std::string_view prefix) {
  std::map<std::string, Members> families;
  for (const auto& [name, kind] : kinds.all()) families[kind.family].push_back(&kind);
  ViewLibraries libraries;
  for (const auto& [family, members] : families)
    if (std::any_of(members.begin(), members.end(), [](const Kind* kind) { return has_views(*kind); }))
      libraries[family] = make_library(family, members, prefix);
  return libraries;
}

}  // namespace comporta
