#include "services/ingest-gateway/kinds_json.h"

#include <vector>

#include "common/base/json_text.h"
#include "services/ingest-gateway/door.h"

namespace comporta::gateway {
namespace {

std::string sample_json(const KindSample& sample, const std::string& base) {
  return "{\"file\":" + json_string(sample.file) +
         ",\"title\":" + in_both_languages(sample.title_pt, sample.title_en) +
         ",\"href\":" + json_string(base + "/samples/" + percent_encode(sample.file)) + "}";
}

std::string parameter_json(const std::string& name, const QueryParameter& parameter) {
  using Type = QueryParameter::Type;
  std::string out = "{\"name\":" + json_string(name) + ",\"type\":" + json_string(type_name(parameter.type)) +
                    ",\"required\":" + (parameter.required ? "true" : "false");
  if (!parameter.fallback.empty()) out += ",\"default\":" + json_string(parameter.fallback);
  if (parameter.type == Type::kText || parameter.type == Type::kCount)
    out += ",\"min\":" + std::to_string(parameter.min) + ",\"max\":" + std::to_string(parameter.max);
  if (parameter.is_caller) out += ",\"from\":\"principal\"";
  if (!parameter.words.empty()) out += ",\"words\":" + json_texts(kept_words(parameter.words));
  return out + "}";
}

/// Without its last brace. `where` its address begins.
std::string question_json(std::string_view where, const Kind& kind, const std::string& name,
                          const KindQuery& query) {
  const auto one = [](const auto& entry) { return parameter_json(entry.first, entry.second); };
  return "{\"name\":" + json_string(name) +
         ",\"title\":" + in_both_languages(query.title_pt, query.title_en) +
         ",\"href\":" + json_string(std::string(where) + kind.name + "/" + name) +
         ",\"parameters\":" + json_array(query.parameters, one);
}

std::string lookup_json(const Kind& kind, const std::string& name, const KindLookup& lookup) {
  const auto member = [](const auto& entry) {
    return "{\"name\":" + json_string(entry.first) +
           ",\"type\":" + json_string(type_name(entry.second.type)) + "}";
  };
  return question_json("/api/v1/lookups/", kind, name, lookup.question) +
         ",\"result\":" + json_array(lookup.result, member) + "}";
}

std::string labels_json(const Kind& kind) {
  return json_object(kind.labels, [](const Label& label) { return in_both_languages(label.pt, label.en); });
}

/// With its comma; nothing for a kind whose views.lua gives none.
std::string reasons_json(const Kind& kind) {
  if (kind.reasons.empty()) return {};
  JsonObject reasons;
  for (const auto& [english, portuguese] : kind.reasons)
    reasons.add(english, in_both_languages(portuguese, english));
  return ",\"reasons\":" + reasons.text();
}

std::string rule_json(const AccessRule& rule) {
  return json_texts(words_of(rule));
}

/// With its comma; nothing for a kind that is open.
std::string access_json(const Kind& kind, const Gatekeeper& keeper) {
  const KindAccess& access = kind.access;
  const AccessRule create = creation_rule(kind, keeper);
  if (!access.declared && create.anyone) return {};
  const auto view = [&](const AccessRule& rule) { return rule_json(keeper.in_force(rule)); };
  std::string out = ",\"access\":{\"create\":" + rule_json(create) +
                    ",\"change\":" + rule_json(keeper.in_force(access.change)) +
                    ",\"read\":" + rule_json(keeper.in_force(access.read)) +
                    ",\"views\":" + json_object(access.views, view);
  if (!access.owner.empty()) out += ",\"owner\":" + json_string(access.owner);
  return out + ",\"accounts\":" + json_texts(access.accounts) + "}";
}

/// With its comma; nothing for a kind without accounts.
std::string account_json(const Kind& kind) {
  const KindAccount& account = kind.account;
  if (!account.is_one()) return {};
  std::string out = ",\"account\":{\"login\":" + json_string(account.login) +
                    ",\"password\":" + json_string(account.password);
  if (!account.roles.empty()) out += ",\"roles\":" + json_string(account.roles);
  return out + ",\"sign_up\":" + rule_json(kind.access.create) + "}";
}

/// With its comma; nothing for a kind without one.
std::string page_json(const KindPage& page, const Gatekeeper& keeper) {
  if (page.path.empty()) return {};
  JsonObject json;
  json.add("path", json_string(page.path));
  json.add("title", in_both_languages(page.title_pt, page.title_en));
  json.add("who", rule_json(keeper.in_force(page.who)));
  json.add("panels", page.panels);
  return ",\"page\":" + json.text();
}

/// With its comma; nothing for a kind without one.
std::string hook_json(const Kind& kind) {
  return kind.hook ? ",\"hook\":" + json_string("/api/v1/hooks/" + kind.name) : "";
}

std::string kind_json(const Kind& kind, const Gatekeeper& keeper) {
  const std::string base = std::string(kKindsPath) + "/" + kind.name;
  const auto name = [](const auto& entry) { return json_string(entry.first); };
  const auto query = [&](const auto& entry) {
    return question_json("/api/v1/views/", kind, entry.first, entry.second) + "}";
  };
  const auto lookup = [&](const auto& entry) { return lookup_json(kind, entry.first, entry.second); };
  const auto sample = [&](const auto& one) { return sample_json(one, base); };
  return "{\"name\":" + json_string(kind.name) + ",\"family\":" + json_string(kind.family) +
         ",\"title\":" + in_both_languages(kind.title_pt, kind.title_en) +
         ",\"key\":" + json_string(kind.key) + ",\"ttl_seconds\":" + std::to_string(kind.ttl.count()) +
         ",\"time_zone\":" + json_string(kind.time_zone.name) +
         ",\"cache_fields\":" + json_texts(kind.cache_fields) +
         ",\"transforms\":" + json_array(kind.transforms, name) +
         ",\"stamps\":" + json_array(kind.stamps, name) + access_json(kind, keeper) + account_json(kind) +
         ",\"labels\":" + labels_json(kind) + reasons_json(kind) +
         ",\"views\":" + json_array(kind.views.queries, query) +
         ",\"lookups\":" + json_array(kind.lookups, lookup) +
         ",\"schema\":" + json_string(base + "/schema.json") +
         ",\"samples\":" + json_array(kind.samples, sample) + hook_json(kind) + page_json(kind.page, keeper) +
         "}";
}

}  // namespace

std::vector<std::string> words_of(const AccessRule& rule) {
  std::vector<std::string> words;
  if (rule.anyone) words.emplace_back("anyone");
  if (rule.login || rule.any_login) words.emplace_back("login");
  if (rule.owner) words.emplace_back("owner");
  words.insert(words.end(), rule.roles.begin(), rule.roles.end());
  if (words.empty()) words.emplace_back("admin");
  return words;
}

std::string kinds_json(const KindSet& kinds, const Gatekeeper& keeper) {
  const auto one = [&](const auto& entry) { return kind_json(entry.second, keeper); };
  return "{\"kinds\":" + json_array(kinds.all(), one) + "}";
}

}  // namespace comporta::gateway
