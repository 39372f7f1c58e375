#include "services/ingest-gateway/openapi.h"

#include <functional>

#include "common/base/error.h"
#include "common/base/text.h"
#include "services/ingest-gateway/openapi_kind.h"

namespace comporta::gateway {
namespace {

using rapidjson::Document;
using rapidjson::Value;

/// Names of kinds, by what `x-kinds` calls them.
using Groups = std::map<std::string, std::vector<std::string>, std::less<>>;

Groups groups_of(const KindSet& kinds) {
  Groups groups;
  for (const auto& [name, kind] : kinds.all()) {
    groups[name] = {name};
    groups["all"].push_back(name);
    if (has_views(kind)) groups["views"].push_back(name);
    if (kind.account.is_one()) groups["accounts"].push_back(name);
  }
  return groups;
}

/// What is there for some kinds alone goes where there is none of them.
void keep_what_is_there(Document& document, const Groups& groups) {
  Value& paths = document["paths"];
  for (auto item = paths.MemberBegin(); item != paths.MemberEnd();) {
    const std::string group(text_in(item->value, "x-kinds"));
    item->value.EraseMember("x-kinds");
    if (group.empty() || groups.contains(group))
      ++item;
    else
      item = paths.EraseMember(item);
  }
}

/// A parameter that names a kind takes those that there are.
void name_the_kinds(Document& document, const Groups& groups) {
  for (auto& [name, parameter] : document["components"]["parameters"].GetObject()) {
    const auto group = groups.find(text_in(parameter, "x-kinds"));
    parameter.EraseMember("x-kinds");
    if (group == groups.end()) continue;
    const std::string schema = "{\"enum\":" + json_texts(group->second) + "}";
    set_member(parameter, "schema", json_value(schema, document.GetAllocator()), document.GetAllocator());
  }
}

}  // namespace

std::string openapi_json(const KindSet& kinds, const Gatekeeper& keeper, std::size_t least_password) {
  Document document;
  const std::string general = general_openapi();
  document.Parse(general.data(), general.size());
  check(!document.HasParseError(), "the general document is JSON");
  const Groups groups = groups_of(kinds);
  keep_what_is_there(document, groups);
  name_the_kinds(document, groups);
  KindOperations operations(document, keeper, least_password);
  for (const auto& [name, kind] : kinds.all()) operations.add(kind);
  return json_text(document);
}

}  // namespace comporta::gateway
