#include "services/ingest-gateway/openapi_parameter.h"

#include "common/base/json_text.h"

namespace comporta::gateway {
namespace {

using Type = QueryParameter::Type;

bool is_text(Type type) {
  return type != Type::kCount && type != Type::kFlag;
}

/// As JSON has it.
std::string value_json(const QueryParameter& parameter, const std::string& value) {
  return is_text(parameter.type) ? json_string(value) : value;
}

/// Bytes are told as characters, of which they are not fewer.
std::string schema_json(const QueryParameter& parameter) {
  JsonObject schema;
  const bool is_count = parameter.type == Type::kCount;
  schema.add("type", is_count ? "\"integer\"" : parameter.type == Type::kFlag ? "\"boolean\"" : "\"string\"");
  if (parameter.type == Type::kDate) schema.add("format", "\"date\"");
  if (parameter.type == Type::kCpf) schema.add("format", "\"cpf\"");
  if (!parameter.words.empty()) {
    schema.add("enum", json_texts(kept_words(parameter.words)));
  } else if (is_count || parameter.type == Type::kText || parameter.type == Type::kCursor) {
    schema.add(is_count ? "minimum" : "minLength", std::to_string(parameter.min));
    schema.add(is_count ? "maximum" : "maxLength", std::to_string(parameter.max));
  }
  if (!parameter.fallback.empty()) schema.add("default", value_json(parameter, parameter.fallback));
  return schema.text();
}

/// With its example, which of a Parameter Object stands beside the schema.
std::string argument_json(const QueryParameter& parameter) {
  std::string schema = schema_json(parameter);
  if (parameter.example.empty()) return schema;
  schema.pop_back();
  return schema + ",\"examples\":[" + value_json(parameter, parameter.example) + "]}";
}

std::string_view description(const QueryParameter& parameter) {
  if (parameter.is_caller) return "Who asks, unless it is said. To ask about others takes a role.";
  if (parameter.type == Type::kCursor) return "What the page before gave as `cursor`.";
  return {};
}

}  // namespace

std::string openapi_parameter(const std::string& name, const QueryParameter& parameter, std::string_view in) {
  JsonObject json;
  json.add("name", json_string(name));
  json.add("in", json_string(in));
  if (in == "path" || (parameter.required && !parameter.is_caller)) json.add("required", "true");
  if (!description(parameter).empty()) json.add("description", json_string(description(parameter)));
  if (!parameter.example.empty()) json.add("example", value_json(parameter, parameter.example));
  json.add("schema", schema_json(parameter));
  return json.text();
}

std::string openapi_arguments(const KindQuery& query) {
  JsonObject schema;
  schema.add("type", "\"object\"");
  schema.add("additionalProperties", "false");
  schema.add("properties", json_object(query.parameters, argument_json));
  std::vector<std::string> required;
  for (const auto& [name, parameter] : query.parameters)
    if (parameter.required && !parameter.is_caller) required.push_back(name);
  if (!required.empty()) schema.add("required", json_texts(required));
  return schema.text();
}

}  // namespace comporta::gateway
