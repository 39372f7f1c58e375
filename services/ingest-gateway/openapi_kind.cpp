#include "services/ingest-gateway/openapi_kind.h"

#include <algorithm>

#include "common/base/error.h"
#include "common/base/json_text.h"
#include "services/ingest-gateway/door.h"
#include "services/ingest-gateway/kinds_json.h"
#include "services/ingest-gateway/openapi_parameter.h"

namespace comporta::gateway {
namespace {

using rapidjson::Value;

constexpr std::string_view kSchemas = "#/components/schemas/";
constexpr char kRecordOfPatterns[] = "#/components/schemas/Record";

std::string record_schema_name(const Kind& kind) {
  return "record." + kind.name;
}

/// Where the service makes the keys of accounts, what is uploaded is new, and a new account needs a password.
bool is_always_new(const Kind& kind) {
  return kind.account.is_one() && kind.stamps.contains(kind.key);
}

std::string answer_schema_name(const Kind& kind, std::string_view query) {
  return "answer." + kind.name + "." + std::string(query);
}

/// Every `$ref` to `from`, wherever it stands.
void refer_to(Value& value, std::string_view from, const std::string& to, JsonAllocator& allocator) {
  if (value.IsArray())
    for (Value& item : value.GetArray()) refer_to(item, from, to, allocator);
  if (!value.IsObject()) return;
  for (auto& member : value.GetObject())
    if (text_of(member.name) == "$ref" && member.value.IsString() && text_of(member.value) == from)
      member.value = text_value(to, allocator);
    else
      refer_to(member.value, from, to, allocator);
}

/// The first record of what people are offered to try; null if there is none.
Value example_of(const Kind& kind, JsonAllocator& allocator) {
  if (kind.samples.empty()) return {};
  rapidjson::Document sample(&allocator);
  const std::string& text = kind.samples.front().content;
  rapidjson::MemoryStream stream(text.data(), text.size());
  sample.ParseStream<rapidjson::kParseStopWhenDoneFlag | rapidjson::kParseIterativeFlag>(stream);
  if (sample.HasParseError() || (sample.IsArray() && sample.Empty())) return {};
  return sample.IsArray() ? Value(sample[0], allocator) : Value(sample, allocator);
}

/// In the words of JSON Schema.
std::string_view json_type(LookupMember::Type type) {
  switch (type) {
    case LookupMember::Type::kNumber:
      return "number";
    case LookupMember::Type::kText:
      return "string";
    case LookupMember::Type::kFlag:
      return "boolean";
  }
  check(false, "every type has its word");
  return {};
}

/// A way in for each word: whoever has a token, or a role besides.
std::string security_json(const AccessRule& rule) {
  return json_array(words_of(rule), [](const std::string& word) {
    return word == "login" ? std::string(R"({"token":[]})") : "{\"token\":" + json_texts({word}) + "}";
  });
}

}  // namespace

KindOperations::KindOperations(rapidjson::Document& document, const Gatekeeper& keeper,
                               std::size_t least_password)
    : document_(document),
      allocator_(document.GetAllocator()),
      keeper_(keeper),
      least_password_(least_password),
      uploads_(take("/api/v1/records/{kind}")),
      record_(take("/api/v1/records/{kind}/{key}")),
      query_(take("/api/v1/views/{kind}/{view}")),
      lookup_(take("/api/v1/lookups/{kind}/{lookup}")),
      samples_(take("/api/v1/kinds/{kind}/samples/{file}")),
      hook_(take("/api/v1/hooks/{kind}")) {
  document_["components"]["schemas"].EraseMember("Record");
}

void KindOperations::add(const Kind& kind) {
  add_tag(kind);
  add_schemas(kind);
  add_uploads(kind);
  add_record(kind);
  if (!kind.samples.empty()) add_samples(kind);
  if (kind.hook) add_hook(kind);
  for (const auto& [name, query] : kind.views.queries) add_query(kind, name, query);
  for (const auto& [name, lookup] : kind.lookups) add_lookup(kind, name, lookup);
}

Value KindOperations::take(const char* path) {
  Value& paths = document_["paths"];
  check(paths.HasMember(path), "the general document has the pattern");
  Value item(std::move(paths[path]));
  paths.EraseMember(path);
  return item;
}

void KindOperations::add_tag(const Kind& kind) {
  JsonObject tag;
  tag.add("name", json_string("kinds/" + kind.name));
  tag.add("description", json_string(kind.title_en));
  tag.add("x-title", in_both_languages(kind.title_pt, kind.title_en));
  document_["tags"].PushBack(parse(tag.text()), allocator_);
}

void KindOperations::add_schemas(const Kind& kind) {
  Value& schemas = document_["components"]["schemas"];
  const std::string name = record_schema_name(kind);
  const bool by_admin = is_for_admins(kind.access.create);
  set_member(schemas, name,
             sent_record_schema(kind, by_admin, least_password_, std::string(kSchemas) + name, allocator_),
             allocator_);
  if (is_always_new(kind)) {
    Value whole = copy(schemas[name.c_str()]);
    whole["required"].PushBack(text_value(kind.account.password, allocator_), allocator_);
    set_member(schemas, "new." + kind.name, std::move(whole), allocator_);
  }
  if (kind.answers.empty()) return;
  Value answers = parse(kind.answers);
  for (auto& [query, schema] : answers.GetObject())
    set_member(schemas, answer_schema_name(kind, text_of(query)), copy(schema), allocator_);
}

void KindOperations::add_uploads(const Kind& kind) {
  Value item = copy(uploads_);
  Value& post = item["post"];
  if (is_always_new(kind))
    refer_to(post, kRecordOfPatterns, std::string(kSchemas) + "new." + kind.name, allocator_);
  adapt(post, kind, kind.name, creation_rule(kind, keeper_));
  show_example(post, kind);
  add_path("/api/v1/records/" + kind.name, std::move(item));
}

void KindOperations::add_record(const Kind& kind) {
  Value item = copy(record_);
  const AccessRule change = keeper_.in_force(kind.access.change);
  adapt(item["get"], kind, kind.name, keeper_.in_force(kind.access.read));
  adapt(item["put"], kind, kind.name, change);
  adapt(item["delete"], kind, kind.name, change);
  show_example(item["put"], kind);
  set_member(item["put"], "x-key", text_value(kind.key, allocator_), allocator_);
  Value parameters(rapidjson::kArrayType);
  parameters.PushBack(key_of(kind), allocator_);
  item.AddMember("parameters", parameters, allocator_);
  add_path("/api/v1/records/" + kind.name + "/{key}", std::move(item));
}

/// The parameter that is the end of a record's path.
Value KindOperations::key_of(const Kind& kind) {
  Value key = parse(R"({"name":"key","in":"path","required":true,"description":"Percent-encoded."})");
  key.AddMember("schema", schema_of(kind, kind.key), allocator_);
  const Value example = example_of(kind, allocator_);
  const Value* const shown = example.IsObject() ? member_of(example, kind.key) : nullptr;
  if (shown != nullptr) key.AddMember("example", copy(*shown), allocator_);
  return key;
}

/// As it holds for whoever may send what is stamped.
Value KindOperations::whole_schema(const Kind& kind) {
  const std::string place = std::string(kSchemas) + record_schema_name(kind);
  return sent_record_schema(kind, true, least_password_, place, allocator_);
}

Value KindOperations::schema_of(const Kind& kind, const std::string& member) {
  const Value whole = whole_schema(kind);
  const std::string pointer = pointer_below("/properties", member);
  const Value* const schema = rapidjson::Pointer(pointer.data(), pointer.size()).Get(whole);
  check(schema != nullptr, "the schema describes the member");
  return copy(*schema);
}

void KindOperations::add_samples(const Kind& kind) {
  Value item = copy(samples_);
  adapt(item["get"], kind, kind.name, {.anyone = true});
  std::vector<std::string> files;
  files.reserve(kind.samples.size());
  for (const KindSample& sample : kind.samples) files.push_back(sample.file);
  item.AddMember(
      "parameters",
      parse(R"([{"name":"file","in":"path","required":true,"schema":{"enum":)" + json_texts(files) + "}}]"),
      allocator_);
  add_path("/api/v1/kinds/" + kind.name + "/samples/{file}", std::move(item));
}

void KindOperations::add_query(const Kind& kind, const std::string& name, const KindQuery& query) {
  const std::string path = "/api/v1/views/" + kind.name + "/" + name;
  add_path(path, ask(kind, name, query, kind.name + "." + name));
  // Where one parameter is required, it may be the end of the path.
  const auto is_required = [](const auto& parameter) { return parameter.second.required; };
  if (std::ranges::count_if(query.parameters, is_required) != 1) return;
  const auto& [end, parameter] = *std::ranges::find_if(query.parameters, is_required);
  KindQuery rest = query;
  rest.parameters.erase(end);
  Value by_path = ask(kind, name, rest, kind.name + "." + name + ".by-path");
  by_path.AddMember("parameters", parse("[" + openapi_parameter(end, parameter, "path") + "]"), allocator_);
  add_path(path + "/{" + end + "}", std::move(by_path));
}

/// The query asked with GET and with POST, its own parameters alone.
Value KindOperations::ask(const Kind& kind, const std::string& name, const KindQuery& query,
                          const std::string& id) {
  Value item = copy(query_);
  for (auto& [method, operation] : item.GetObject()) {
    adapt(operation, kind, id, keeper_.in_force(kind.access.of_view(name)));
    const std::string answer = answer_schema_name(kind, name);
    Value& content = operation["responses"]["200"]["content"]["application/json"];
    if (document_["components"]["schemas"].HasMember(answer.c_str()))
      content["schema"] = parse("{\"$ref\":" + json_string(std::string(kSchemas) + answer) + "}");
  }
  ask_in_address(item["get"], query);
  item["post"]["requestBody"]["content"]["application/json"]["schema"] = parse(openapi_arguments(query));
  return item;
}

void KindOperations::add_lookup(const Kind& kind, const std::string& name, const KindLookup& lookup) {
  Value item = copy(lookup_);
  Value& get = item["get"];
  adapt(get, kind, kind.name + "." + name, keeper_.in_force(kind.access.of_view(name)));
  ask_in_address(get, lookup.question);
  Value& answer = get["responses"]["200"]["content"]["application/json"]["schema"];
  for (const auto& [member, taken] : lookup.result) {
    set_member(answer["properties"], member, parse("{\"type\":" + json_string(json_type(taken.type)) + "}"),
               allocator_);
    answer["required"].PushBack(text_value(member, allocator_), allocator_);
  }
  add_path("/api/v1/lookups/" + kind.name + "/" + name, std::move(item));
}

/// Its titles, and its own parameters, are a question's.
void KindOperations::ask_in_address(Value& get, const KindQuery& question) {
  set_member(get, "summary", text_value(question.title_en, allocator_), allocator_);
  set_member(get, "x-title", parse(in_both_languages(question.title_pt, question.title_en)), allocator_);
  for (const auto& [parameter, rules] : question.parameters)
    get["parameters"].PushBack(parse(openapi_parameter(parameter, rules, "query")), allocator_);
}

/// What is the same of all operations.
void KindOperations::adapt(Value& operation, const Kind& kind, const std::string& suffix,
                           const AccessRule& rule) {
  const std::string id = std::string(text_in(operation, "operationId")) + "." + suffix;
  set_member(operation, "operationId", text_value(id, allocator_), allocator_);
  set_member(operation, "tags", parse(json_texts({"kinds/" + kind.name})), allocator_);
  set_member(operation, "x-who", parse(json_texts(words_of(rule))), allocator_);
  if (!rule.anyone) set_member(operation, "security", parse(security_json(rule)), allocator_);
  refer_to(operation, kRecordOfPatterns, std::string(kSchemas) + record_schema_name(kind), allocator_);
}

/// A record that fits, where people are offered some.
void KindOperations::show_example(Value& operation, const Kind& kind) {
  Value example = example_of(kind, allocator_);
  if (example.IsObject())
    set_member(operation["requestBody"]["content"]["application/json"], "example", std::move(example),
               allocator_);
}

void KindOperations::add_path(const std::string& path, Value item) {
  set_member(document_["paths"], path, std::move(item), allocator_);
}

}  // namespace comporta::gateway
