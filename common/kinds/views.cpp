#include "common/kinds/views.h"

#include <algorithm>

#include "common/base/folded_text.h"
#include "common/base/text_format.h"
#include "common/broker/message.h"
#include "common/config/setting_values.h"
#include "common/json/rapid.h"
#include "common/kinds/reading.h"

namespace comporta {
namespace {

using Type = QueryParameter::Type;

constexpr std::size_t kMaxNameBytes = 63;
constexpr std::int64_t kMaxTextBytes = 1'024;
/// Lua has no whole numbers beyond: its numbers are doubles.
constexpr std::int64_t kMaxCount = std::int64_t{1} << 53;
constexpr std::int64_t kUsualMaxCount = 1'000'000'000;
constexpr std::size_t kCpfDigits = 11;

bool is_parameter_name(std::string_view name) {
  const auto fits_in = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && name.size() <= kMaxNameBytes && std::all_of(name.begin(), name.end(), fits_in);
}

/// The names of the mappings in `section`, all of which must please `is_good`.
std::vector<std::string> names_in(const Section& section, bool (*is_good)(std::string_view),
                                  std::string_view rule) {
  std::vector<std::string> names = section.keys();
  for (const std::string& name : names)
    if (!is_good(name)) section.fault(name, rule);
  return names;
}

constexpr std::string_view kParameterRule = "a parameter's name has letters, digits and _ only, at most 63";

ViewConstant constant(const std::string& text) {
  if (const auto time = parse_duration(text)) return *time;
  if (const auto number = parse_count(text)) return *number;
  if (text == "true" || text == "false") return text == "true";
  return text;
}

std::map<std::string, ViewConstant, std::less<>> read_constants(const Section& section) {
  std::map<std::string, ViewConstant, std::less<>> constants;
  for (const std::string& name : names_in(section, is_parameter_name, kParameterRule))
    constants[name] = section.is_quoted(name) ? section.text(name, "") : constant(section.text(name, ""));
  return constants;
}

Type read_type(const Section& section) {
  if (!section.has("type"))
    section.fault("type", "is missing: expected one of text, count, flag, date, cursor, cpf");
  const std::string name = section.choice("type", "text", {"text", "count", "flag", "date", "cursor", "cpf"});
  for (const Type type : {Type::kCount, Type::kFlag, Type::kDate, Type::kCursor, Type::kCpf})
    if (name == type_name(type)) return type;
  return Type::kText;
}

void read_range(const Section& section, QueryParameter& parameter) {
  const bool is_count = parameter.type == Type::kCount;
  if (!is_count && parameter.type != Type::kText) return;
  const CountRule least = is_count ? CountRule{.fallback = 0, .min = -kMaxCount, .max = kMaxCount}
                                   : CountRule{.fallback = 1, .min = 0, .max = kMaxTextBytes};
  const CountRule most = is_count ? CountRule{.fallback = kUsualMaxCount, .min = -kMaxCount, .max = kMaxCount}
                                  : CountRule{.fallback = 256, .min = 1, .max = kMaxTextBytes};
  parameter.min = section.count("min", least);
  parameter.max = section.count("max", most);
  if (parameter.max < parameter.min) section.fault("max", "is less than min");
}

QueryParameter read_parameter(const Section& section) {
  QueryParameter parameter;
  parameter.type = read_type(section);
  if (parameter.type == Type::kCursor) return cursor_parameter();
  read_range(section, parameter);
  parameter.required = section.flag("required", false);
  parameter.is_caller =
      section.has("from") && section.choice("from", "principal", {"principal"}) == "principal";
  if (parameter.is_caller && parameter.type != Type::kText && parameter.type != Type::kCpf)
    section.fault("from", "is for parameters of `type: text` or `cpf`, as keys are");
  parameter.example = section.text("example", "");
  if (section.has("example") && !fits(parameter, parameter.example))
    section.fault("example", "must be " + expectation(parameter));
  parameter.folded = section.flag("folded", false);
  parameter.words = read_words(section.section("words"));
  for (const char* key : {"folded", "words"})
    if (section.has(key) && parameter.type != Type::kText)
      section.fault(key, "is for parameters of `type: text`");
  parameter.fallback = section.text("default", "");
  if (!section.has("default")) return parameter;
  if (parameter.required) section.fault("default", "contradicts `required`");
  if (!fits(parameter, parameter.fallback)) section.fault("default", "must be " + expectation(parameter));
  return parameter;
}

std::string one_of(const Words& words) {
  std::string list;
  for (const std::string& word : kept_words(words)) list += (list.empty() ? "one of " : ", ") + word;
  return list;
}

std::vector<std::string> read_folded(const Section& views, const RecordSchema* schema) {
  std::vector<std::string> members = read_members(views, "folded", schema);
  for (const std::string& member : members)
    if (schema != nullptr && schema->describes_member(member) &&
        !schema->has_type(pointer_below("", member), "string"))
      views.fault("folded", "`" + member + "` must be of `type: string` in the schema");
  return members;
}

}  // namespace

QueryParameter cursor_parameter() {
  QueryParameter parameter;
  parameter.type = Type::kCursor;
  parameter.min = 1;
  parameter.max = kMaxCursorBytes;
  return parameter;
}

bool fits(const QueryParameter& parameter, std::string_view value) {
  const auto is_in_range = [&](std::int64_t number) {
    return number >= parameter.min && number <= parameter.max;
  };
  switch (parameter.type) {
    case Type::kText:
      if (!parameter.words.empty() && !kept_word(parameter.words, value)) return false;
      [[fallthrough]];
    case Type::kCursor:
      return is_in_range(static_cast<std::int64_t>(value.size()));
    case Type::kCount: {
      const auto number = parse_count(value);
      return number && is_in_range(*number);
    }
    case Type::kFlag:
      return value == "true" || value == "false";
    case Type::kDate:
      return has_format(value, TextFormat::kDate);
    case Type::kCpf:
      return value.size() == kCpfDigits && has_format(value, TextFormat::kCpf);
  }
  return false;
}

std::string value_for_views(const QueryParameter& parameter, std::string_view value) {
  if (const auto kept = kept_word(parameter.words, value)) return *kept;
  return parameter.folded ? folded(value) : std::string(value);
}

std::string expectation(const QueryParameter& parameter, std::string_view value) {
  if (!parameter.words.empty()) return one_of(parameter.words);
  const std::string range = " from " + std::to_string(parameter.min) + " to " + std::to_string(parameter.max);
  switch (parameter.type) {
    case Type::kText:
      return "a text of" + range + " bytes";
    case Type::kCursor:
      return "what the page before gave";
    case Type::kCount:
      return "a whole number" + range;
    case Type::kFlag:
      return "true or false";
    case Type::kDate:
      return std::string(expectation(TextFormat::kDate, value));
    case Type::kCpf:
      return "a CPF: 11 digits, of which the last two follow from the others";
  }
  return {};
}

std::string_view type_name(Type type) {
  switch (type) {
    case Type::kText:
      return "text";
    case Type::kCount:
      return "count";
    case Type::kFlag:
      return "flag";
    case Type::kDate:
      return "date";
    case Type::kCursor:
      return "cursor";
    case Type::kCpf:
      return "cpf";
  }
  return {};
}

KindQuery read_query(const Section& section) {
  KindQuery query;
  query.title_pt = section.section("title").required_text("pt");
  query.title_en = section.section("title").required_text("en");
  const Section parameters = section.section("parameters");
  for (const std::string& name : names_in(parameters, is_parameter_name, kParameterRule))
    query.parameters[name] = read_parameter(parameters.section(name));
  return query;
}

KindViews read_kind_views(const Section& views, const RecordSchema* schema,
                          const std::vector<std::string>& cache_fields) {
  KindViews read;
  read.fields = views.has("fields") ? read_members(views, "fields", schema) : cache_fields;
  if (!views.has("order")) views.fault("order", "is missing: expected one of commutative, ordered");
  const bool ordered = views.choice("order", "commutative", {"commutative", "ordered"}) == "ordered";
  read.order = ordered ? KindViews::Order::kOrdered : KindViews::Order::kCommutative;
  if (views.has("compares")) read.compares = read_members(views, "compares", schema);
  if (views.has("folded")) read.folded = read_folded(views, schema);
  if (ordered && views.has("compares")) views.fault("compares", "contradicts `order: ordered`");
  read.names_of = views.text("names_of", "");
  read.parameters = read_constants(views.section("parameters"));
  const Section queries = views.section("queries");
  for (const std::string& name : names_in(
           queries, is_kind_name, "a query's name has lower-case letters, digits and inner hyphens only"))
    read.queries[name] = read_query(queries.section(name));
  return read;
}

}  // namespace comporta
