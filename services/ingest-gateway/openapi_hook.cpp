#include <ranges>
#include <set>

#include "common/base/json_text.h"
#include "services/ingest-gateway/openapi_kind.h"

namespace comporta::gateway {
namespace {

using rapidjson::Value;
using Where = HookSource::Where;

/// Without which a notice becomes no record: what the schema requires, and what that is put together from.
std::set<std::string> needed_members(const KindHook& hook, const Value& schema) {
  std::set<std::string> needed;
  if (const Value* const required = member_of(schema, "required"))
    for (const Value& name : required->GetArray()) needed.emplace(text_of(name));
  for (const HookMember& member : hook.record | std::views::reverse)
    if (needed.contains(member.name))
      for (const TextPiece& piece : member.text) needed.insert(piece.name);
  return needed;
}

/// A parameter of a notice, without its schema. Of `places` one is needed.
std::string parameter_json(const HookSource& source, const std::vector<HookSource>& places) {
  JsonObject json;
  json.add("name", json_string(source.name));
  json.add("in", source.where == Where::kQuery ? "\"query\"" : "\"header\"");
  if (places.size() == 1) json.add("required", "true");
  std::string others;
  for (const HookSource& place : places)
    if (place != source) others += " or `" + place.name + "`";
  if (!others.empty()) json.add("description", json_string("This" + others + " is needed."));
  return json.text();
}

}  // namespace

void KindOperations::add_hook(const Kind& kind) {
  Value item = copy(hook_);
  Value& post = item["post"];
  adapt(post, kind, kind.name, {.anyone = true});
  post.AddMember("parameters", hook_parameters(kind), allocator_);
  Value& responses = post["responses"];
  Value taken(std::move(responses["200"]));
  responses.EraseMember("200");
  set_member(responses, std::to_string(kind.hook->answer), std::move(taken), allocator_);
  add_path("/api/v1/hooks/" + kind.name, std::move(item));
}

/// What of a notice is read, but for its body, and the headers of its signature.
Value KindOperations::hook_parameters(const Kind& kind) {
  const std::set<std::string> needed = needed_members(*kind.hook, whole_schema(kind));
  Value parameters(rapidjson::kArrayType);
  std::set<std::string> added;
  const auto add = [&](const HookSource& source, const std::vector<HookSource>& places, Value schema) {
    if (source.where == Where::kBody || !added.insert(source.name).second) return;
    Value parameter = parse(parameter_json(source, places));
    parameter.AddMember("schema", std::move(schema), allocator_);
    parameters.PushBack(parameter, allocator_);
  };
  for (const HookMember& member : kind.hook->record)
    for (const HookSource& source : member.sources)
      add(source, needed.contains(member.name) ? member.sources : std::vector<HookSource>(),
          schema_of(kind, member.name));
  for (const std::string& header : rules_of(kind.hook->scheme).headers)
    add({Where::kHeader, header}, {}, parse(R"({"type":"string"})"));
  return parameters;
}

}  // namespace comporta::gateway
