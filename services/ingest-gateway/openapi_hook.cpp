#include <set>

#include "common/base/json_text.h"
#include "services/ingest-gateway/openapi_kind.h"

namespace comporta::gateway {

using rapidjson::Value;

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
  const KindHook& hook = *kind.hook;
  Value parameters(rapidjson::kArrayType);
  std::set<std::string> added;
  const auto add = [&](const std::string& name, const char* in, Value schema) {
    if (!added.insert(name).second) return;
    Value parameter = parse("{\"name\":" + json_string(name) + ",\"in\":" + json_string(in) + "}");
    parameter.AddMember("schema", std::move(schema), allocator_);
    parameters.PushBack(parameter, allocator_);
  };
  for (const HookMember& member : hook.record)
    for (const HookSource& source : member.sources)
      if (source.where == HookSource::Where::kQuery) add(source.name, "query", schema_of(kind, member.name));
  for (const std::string& header : rules_of(hook.scheme).headers)
    add(header, "header", parse(R"({"type":"string"})"));
  return parameters;
}

}  // namespace comporta::gateway
