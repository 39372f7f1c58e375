#include <map>
#include <set>

#include "common/json/record_schema_impl.h"
#include "common/json/schema_pattern.h"

namespace comporta {
namespace {

using rapidjson::Value;

constexpr std::uint64_t kMaxCount =
    0xFFFFFFFE;  ///< RapidJSON's SizeType, one value of which means "no limit"
constexpr std::uint64_t kMaxUniqueItems = 1'000;  ///< they are compared pairwise
constexpr std::string_view kDefinitions = "#/definitions/";
/// Other names need escapes in a reference; RapidJSON ignores a reference that it cannot read.
constexpr std::string_view kPlainName = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

class Lint {
 public:
  explicit Lint(const Value& root) : root_(root) {}

  std::vector<SchemaFault> run() {
    schema(root_, "");
    return std::move(faults_);
  }

 private:
  using Rule = void (Lint::*)(const Value& value, const std::string& pointer);
  static const std::map<std::string_view, Rule>& rules();

  void schema(const Value& value, const std::string& pointer);
  void contradictions(const Value& object, const std::string& pointer);

  void annotation(const Value& value, const std::string& pointer);
  void draft(const Value& value, const std::string& pointer);
  void type(const Value& value, const std::string& pointer);
  void enumeration(const Value& value, const std::string& pointer);
  void schemas_by_name(const Value& value, const std::string& pointer);
  void definitions(const Value& value, const std::string& pointer);
  void required(const Value& value, const std::string& pointer);
  void additional(const Value& value, const std::string& pointer);
  void combined(const Value& value, const std::string& pointer);
  void negated(const Value& value, const std::string& pointer);
  void count(const Value& value, const std::string& pointer);
  void flag(const Value& value, const std::string& pointer);
  void number(const Value& value, const std::string& pointer);
  void pattern(const Value& value, const std::string& pointer);
  void format(const Value& value, const std::string& pointer);
  void reference(const Value& value, const std::string& pointer);

  void no_formats_below(const Value& value, const std::string& pointer);
  bool asks_for_format(const Value& value, std::set<const Value*>& seen) const;
  const Value* target(const Value& reference) const;

  void expect(bool good, const std::string& pointer, const std::string& message) {
    if (!good) faults_.push_back({pointer, message});
  }

  const Value& root_;
  std::vector<SchemaFault> faults_;
};

/// The keywords that RapidJSON enforces and that are safe with it. Left out on purpose: `patternProperties`
/// (misapplied next to `additionalProperties: false`), `multipleOf` (fails on decimal fractions),
/// `dependencies` and lists of `items` (not needed so far).
const std::map<std::string_view, Lint::Rule>& Lint::rules() {
  static const std::map<std::string_view, Rule> kRules = {
      {"$schema", &Lint::draft},          {"title", &Lint::annotation},
      {"description", &Lint::annotation}, {"type", &Lint::type},
      {"enum", &Lint::enumeration},       {"definitions", &Lint::definitions},
      {"$ref", &Lint::reference},         {"properties", &Lint::schemas_by_name},
      {"required", &Lint::required},      {"additionalProperties", &Lint::additional},
      {"minProperties", &Lint::count},    {"maxProperties", &Lint::count},
      {"items", &Lint::schema},           {"minItems", &Lint::count},
      {"maxItems", &Lint::count},         {"uniqueItems", &Lint::flag},
      {"minLength", &Lint::count},        {"maxLength", &Lint::count},
      {"pattern", &Lint::pattern},        {"format", &Lint::format},
      {"minimum", &Lint::number},         {"maximum", &Lint::number},
      {"exclusiveMinimum", &Lint::flag},  {"exclusiveMaximum", &Lint::flag},
      {"allOf", &Lint::combined},         {"anyOf", &Lint::combined},
      {"oneOf", &Lint::combined},         {"not", &Lint::negated},
  };
  return kRules;
}

void Lint::schema(const Value& value, const std::string& pointer) {
  if (!value.IsObject()) return expect(false, pointer, "a schema must be an object");
  std::set<std::string_view> seen;
  for (const auto& member : value.GetObject()) {
    const std::string_view name = text_of(member.name);
    const std::string place = pointer_below(pointer, name);
    const auto rule = rules().find(name);
    expect(seen.insert(name).second, place, "is given twice");
    if (rule == rules().end())
      expect(false, place, "is not a keyword that is checked here");
    else
      (this->*rule->second)(member.value, place);
  }
  contradictions(value, pointer);
}

void Lint::contradictions(const Value& object, const std::string& pointer) {
  const auto has = [&](std::string_view name) { return member_of(object, name) != nullptr; };
  expect(!has("exclusiveMinimum") || has("minimum"), pointer, "`exclusiveMinimum` without `minimum`");
  expect(!has("exclusiveMaximum") || has("maximum"), pointer, "`exclusiveMaximum` without `maximum`");
  if (has("$ref"))
    for (const auto& member : object.GetObject()) {
      const std::string_view name = text_of(member.name);
      expect(name == "$ref" || name == "title" || name == "description", pointer_below(pointer, name),
             "is ignored beside `$ref`");
    }
  const Value* unique = member_of(object, "uniqueItems");
  const Value* limit = member_of(object, "maxItems");
  if (unique != nullptr && unique->IsBool() && unique->GetBool())
    expect(limit != nullptr && limit->IsUint64() && limit->GetUint64() <= kMaxUniqueItems, pointer,
           "`uniqueItems` needs `maxItems` of at most " + std::to_string(kMaxUniqueItems));
}

void Lint::annotation(const Value& value, const std::string& pointer) {
  expect(value.IsString(), pointer, "must be a text");
}

void Lint::draft(const Value& value, const std::string& pointer) {
  expect(value.IsString() && text_of(value).starts_with("http://json-schema.org/draft-04/schema"), pointer,
         "only draft 4 is supported");
}

void Lint::type(const Value& value, const std::string& pointer) {
  static const std::set<std::string_view> kTypes = {"null",   "boolean", "object", "array",
                                                    "string", "number",  "integer"};
  const auto good = [&](const Value& name) { return name.IsString() && kTypes.count(text_of(name)) > 0; };
  if (!value.IsArray()) return expect(good(value), pointer, "is not a type");
  expect(!value.Empty(), pointer, "names no type");
  for (const Value& name : value.GetArray()) expect(good(name), pointer, "has an element that is not a type");
}

void Lint::enumeration(const Value& value, const std::string& pointer) {
  if (!value.IsArray() || value.Empty()) return expect(false, pointer, "must be a list that is not empty");
  for (const Value& one : value.GetArray())
    expect(!one.IsObject() && !one.IsArray(), pointer, "may hold plain values only");
}

void Lint::schemas_by_name(const Value& value, const std::string& pointer) {
  if (!value.IsObject()) return expect(false, pointer, "must be an object of schemas");
  std::set<std::string_view> seen;
  for (const auto& member : value.GetObject()) {
    const std::string place = pointer_below(pointer, text_of(member.name));
    expect(seen.insert(text_of(member.name)).second, place, "is given twice");
    schema(member.value, place);
  }
}

void Lint::definitions(const Value& value, const std::string& pointer) {
  expect(pointer == "/definitions", pointer, "may only stand at the top");
  schemas_by_name(value, pointer);
}

void Lint::required(const Value& value, const std::string& pointer) {
  if (!value.IsArray() || value.Empty()) return expect(false, pointer, "must be a list that is not empty");
  std::set<std::string_view> seen;
  for (const Value& name : value.GetArray())
    expect(name.IsString() && seen.insert(text_of(name)).second, pointer,
           "must be a list of different names");
}

void Lint::additional(const Value& value, const std::string& pointer) {
  if (value.IsBool()) return;
  schema(value, pointer);
  no_formats_below(value, pointer);
}

void Lint::combined(const Value& value, const std::string& pointer) {
  if (!value.IsArray() || value.Empty()) return expect(false, pointer, "must be a list that is not empty");
  for (rapidjson::SizeType i = 0; i < value.Size(); ++i)
    schema(value[i], pointer_below(pointer, std::to_string(i)));
  no_formats_below(value, pointer);
}

void Lint::negated(const Value& value, const std::string& pointer) {
  schema(value, pointer);
  no_formats_below(value, pointer);
}

void Lint::count(const Value& value, const std::string& pointer) {
  expect(value.IsUint64() && value.GetUint64() <= kMaxCount, pointer, "must be a whole number, not negative");
}

void Lint::flag(const Value& value, const std::string& pointer) {
  expect(value.IsBool(), pointer, "must be true or false");
}

void Lint::number(const Value& value, const std::string& pointer) {
  expect(value.IsNumber(), pointer, "must be a number");
}

void Lint::pattern(const Value& value, const std::string& pointer) {
  if (!value.IsString()) return expect(false, pointer, "must be a text");
  const std::string fault = pattern_fault(text_of(value));
  if (!fault.empty()) return expect(false, pointer, "is not a pattern that is supported: " + fault);
  expect(rapidjson::internal::Regex(value.GetString()).IsValid(), pointer,
         "is not a pattern that is supported");
}

void Lint::format(const Value& value, const std::string& pointer) {
  expect(value.IsString() && text_format(text_of(value)).has_value(), pointer,
         "is not a format that is checked here");
}

/// One step only: a reference to a reference could be a circle, in which RapidJSON would be lost.
void Lint::reference(const Value& value, const std::string& pointer) {
  const Value* schema = value.IsString() ? target(value) : nullptr;
  expect(schema != nullptr, pointer, "must name one of `#/definitions/…`");
  if (schema != nullptr && schema->IsObject())
    expect(member_of(*schema, "$ref") == nullptr, pointer, "leads to another `$ref`");
}

const Value* Lint::target(const Value& reference) const {
  const Value* all = member_of(root_, "definitions");
  const std::string_view text = text_of(reference);
  if (all == nullptr || !all->IsObject() || !text.starts_with(kDefinitions)) return nullptr;
  const std::string_view name = text.substr(kDefinitions.size());
  if (name.find_first_not_of(kPlainName) != std::string_view::npos) return nullptr;
  return member_of(*all, name);
}

/// Formats are checked by the path that leads to a value, which is not known behind these keywords.
void Lint::no_formats_below(const Value& value, const std::string& pointer) {
  std::set<const Value*> seen;
  expect(!asks_for_format(value, seen), pointer, "a `format` below it would not be checked");
}

bool Lint::asks_for_format(const Value& value, std::set<const Value*>& seen) const {
  if (!seen.insert(&value).second) return false;
  if (value.IsArray()) {
    for (const Value& one : value.GetArray())
      if (asks_for_format(one, seen)) return true;
    return false;
  }
  if (!value.IsObject()) return false;
  for (const auto& member : value.GetObject()) {
    const std::string_view name = text_of(member.name);
    if (name == "format" && member.value.IsString()) return true;
    const Value* schema = name == "$ref" && member.value.IsString() ? target(member.value) : nullptr;
    if (asks_for_format(schema != nullptr ? *schema : member.value, seen)) return true;
  }
  return false;
}

}  // namespace

std::vector<SchemaFault> lint_schema(const Value& schema) {
  return Lint(schema).run();
}

}  // namespace comporta
