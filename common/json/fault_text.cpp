#include <set>

#include "common/base/utf8.h"
#include "common/json/record_schema_impl.h"

namespace comporta {
namespace {

using rapidjson::Value;

constexpr std::size_t kMaxPointerBytes = 200;  ///< it may hold a member name of any length
constexpr std::size_t kMaxListBytes = 200;

/// A place in a record, and what is wrong there.
struct Finding {
  std::string pointer;
  std::string detail;
};

std::string shortened(const std::string& text, std::size_t limit) {
  return text.size() <= limit ? text : std::string(utf8_prefix(text, limit)) + "…";
}

std::string listed(const Value& values) {
  std::string list;
  for (const Value& value : values.GetArray()) list += (list.empty() ? "" : ", ") + json_text(value);
  return shortened(list, kMaxListBytes);
}

std::string type_phrase(const Value& type) {
  if (type.IsArray()) {
    std::string phrase;
    for (const Value& one : type.GetArray()) phrase += (phrase.empty() ? "" : " or ") + type_phrase(one);
    return phrase;
  }
  const std::string name(text_of(type));
  if (name == "null") return name;
  if (name == "integer") return "a whole number";
  if (name == "boolean") return "true or false";
  if (name == "string") return "a text in double quotes";
  if (name == "array") return "a list in [ ]";
  if (name == "object") return "an object in { }";
  return "a " + name;
}

std::string counted(const Value& count, const std::string& thing) {
  const std::uint64_t number = count.GetUint64();
  return std::to_string(number) + " " + thing + (number == 1 ? "" : "s");
}

std::string bound_phrase(const Value& schema, const std::string& keyword, const std::string& inclusive,
                         const std::string& exclusive) {
  const Value* strict = member_of(schema, keyword == "minimum" ? "exclusiveMinimum" : "exclusiveMaximum");
  return (strict != nullptr && strict->GetBool() ? exclusive : inclusive) +
         json_text(*member_of(schema, keyword));
}

/// In the schema's own words where it has any: a pattern is for programs.
std::string pattern_phrase(const Value& schema, const Value& pattern) {
  if (const Value* description = member_of(schema, "description"))
    return "does not fit its description: " + shortened(std::string(text_of(*description)), kMaxListBytes);
  if (const Value* title = member_of(schema, "title"))
    return "does not look like: " + shortened(std::string(text_of(*title)), kMaxListBytes);
  return "must match the pattern " + shortened(std::string(text_of(pattern)), kMaxListBytes);
}

/// What the rule `keyword` of `schema` asks for.
std::string demand(const std::string& keyword, const Value& schema) {
  if (keyword == "additionalProperties") return "is not a field of this kind";
  if (keyword == "uniqueItems") return "repeats an earlier item";
  if (keyword == "anyOf") return "matches none of the allowed forms";
  if (keyword == "oneOf") return "must match exactly one of the allowed forms";
  if (keyword == "not" && allows_nothing(schema))
    return std::string(text_of(*member_of(schema, "description")));
  if (keyword == "not") return "has a form that is not allowed";
  const Value* rule = member_of(schema, keyword);
  if (rule == nullptr || keyword == "allOf") return "does not have the required form";
  if (keyword == "type") return "must be " + type_phrase(*rule);
  if (keyword == "enum") return "must be one of " + listed(*rule);
  if (keyword == "pattern") return pattern_phrase(schema, *rule);
  if (keyword == "minLength") return "must have at least " + counted(*rule, "character");
  if (keyword == "maxLength") return "must have at most " + counted(*rule, "character");
  if (keyword == "minItems") return "must have at least " + counted(*rule, "item");
  if (keyword == "maxItems") return "must have at most " + counted(*rule, "item");
  if (keyword == "minProperties") return "must have at least " + counted(*rule, "field");
  if (keyword == "maxProperties") return "must have at most " + counted(*rule, "field");
  if (keyword == "minimum") return "must be " + bound_phrase(schema, keyword, "at least ", "greater than ");
  if (keyword == "maximum") return "must be " + bound_phrase(schema, keyword, "at most ", "less than ");
  return "does not have the required form";
}

Finding missing_member(const Value& object, const Value& schema, const std::string& pointer) {
  for (const Value& name : member_of(schema, "required")->GetArray())
    if (member_of(object, text_of(name)) == nullptr)
      return {pointer_below(pointer, text_of(name)), "is missing"};
  return {pointer, "lacks a required field"};
}

/// The first text, in the order of the record, that lacks its format.
std::optional<Finding> bad_format(const Value& value, const FormatNode* wanted, const std::string& pointer) {
  if (wanted == nullptr) return std::nullopt;
  if (value.IsString() && wanted->format && !has_format(text_of(value), *wanted->format))
    return Finding{pointer, "must be " + std::string(expectation(*wanted->format, text_of(value)))};
  if (value.IsObject()) {
    for (const auto& member : value.GetObject()) {
      const std::string_view name = text_of(member.name);
      if (auto found = bad_format(member.value, wanted->member(name), pointer_below(pointer, name)))
        return found;
    }
  }
  if (value.IsArray()) {
    for (rapidjson::SizeType i = 0; i < value.Size(); ++i)
      if (auto found = bad_format(value[i], wanted->items, pointer_below(pointer, std::to_string(i))))
        return found;
  }
  return std::nullopt;
}

/// The first member that an object has twice; inner objects first, as they end first.
std::optional<Finding> twin(const Value& value, const std::string& pointer) {
  if (value.IsArray()) {
    for (rapidjson::SizeType i = 0; i < value.Size(); ++i)
      if (auto found = twin(value[i], pointer_below(pointer, std::to_string(i)))) return found;
  }
  if (!value.IsObject()) return std::nullopt;
  for (const auto& member : value.GetObject())
    if (auto found = twin(member.value, pointer_below(pointer, text_of(member.name)))) return found;
  std::set<std::string_view> seen;
  for (const auto& member : value.GetObject())
    if (!seen.insert(text_of(member.name)).second)
      return Finding{pointer_below(pointer, text_of(member.name)), "is given twice"};
  return std::nullopt;
}

std::string text_of_pointer(const rapidjson::Pointer& pointer) {
  rapidjson::StringBuffer buffer;
  pointer.Stringify(buffer);
  return {buffer.GetString(), buffer.GetSize()};
}

Finding find(const RawFault& fault, const Value& record, const RecordSchema::Impl& schema) {
  const std::string pointer = text_of_pointer(fault.place);
  if (fault.keyword == "format")
    return bad_format(record, schema.formats, "").value_or(Finding{"", "has a bad format"});
  if (fault.keyword == kUniqueMembers) return twin(record, "").value_or(Finding{"", "has a member twice"});
  const Value* rule = fault.schema_place.Get(schema.document);
  if (rule == nullptr) return {pointer, "does not have the required form"};
  const Value* place = fault.place.Get(record);
  if (fault.keyword == "required" && place != nullptr) return missing_member(*place, *rule, pointer);
  return {pointer, demand(std::string(fault.keyword), *rule)};
}

}  // namespace

RecordFault explain(const RawFault& fault, std::size_t index, std::string_view record,
                    const RecordSchema::Impl& schema) {
  rapidjson::Document parsed;
  parsed.Parse(record.data(), record.size());
  const Finding found = find(fault, parsed, schema);
  return {index, shortened(found.pointer, kMaxPointerBytes), std::string(fault.keyword), found.detail};
}

}  // namespace comporta
