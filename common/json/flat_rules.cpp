#include "common/json/flat_rules.h"

#include <algorithm>

#include "common/json/record_schema_impl.h"

namespace comporta {
namespace {

using rapidjson::Value;
using Type = FlatJson::Type;

constexpr std::size_t kMostMembers = 64;  // the bits of a word

constexpr std::uint32_t bit_of(Type type) {
  return 1u << static_cast<unsigned>(type);
}

/// The types of values that a schema calls so; none for those that are not flat.
std::uint32_t types_called(std::string_view name) {
  if (name == "string") return bit_of(Type::kText);
  if (name == "integer") return bit_of(Type::kWhole);
  if (name == "number") return bit_of(Type::kWhole) | bit_of(Type::kDecimal);
  if (name == "boolean") return bit_of(Type::kTrueOrFalse);
  if (name == "null") return bit_of(Type::kNull);
  return 0;
}

bool says_nothing(std::string_view keyword) {
  return keyword == "title" || keyword == "description" || keyword == "$schema";
}

}  // namespace

/// One upload, held to the rules.
class FlatCheck {
 public:
  FlatCheck(const FlatRules& rules, const UploadLimits& limits) : rules_(rules), limits_(limits) {}

  bool read_json(std::string_view body, std::size_t begin) {
    FlatJson in(body.substr(begin));
    if (!in.take('[')) return read_one(body, begin);
    if (in.take(']')) return false;  // the empty upload is to be refused
    do {
      if (!read_record(in, begin)) return false;
    } while (in.take(','));
    return in.take(']') && in.take_end();
  }

  bool read_lines(std::string_view body, std::size_t begin) {
    while (begin < body.size()) {
      const std::size_t end = std::min(body.find('\n', begin), body.size());
      FlatJson blank(body.substr(begin, end - begin));
      if (!blank.take_end() && !read_one(body.substr(0, end), begin)) return false;
      begin = end + 1;
    }
    return !records_.empty();
  }

  std::vector<RecordSlice> take_records() { return std::move(records_); }

 private:
  /// A record and nothing else.
  bool read_one(std::string_view text, std::size_t begin) {
    FlatJson in(text.substr(begin));
    return read_record(in, begin) && in.take_end();
  }

  /// `begin`: where in the body the text of `in` begins.
  bool read_record(FlatJson& in, std::size_t begin) {
    if (records_.size() == limits_.max_records) return false;
    std::uint64_t seen = 0;
    std::size_t next = 0;
    const auto judge = [&](std::string_view name, const FlatJson::Value& value) {
      const std::size_t index = find(name, next);
      if (index == rules_.rules_.size()) return false;
      const std::uint64_t bit = std::uint64_t{1} << index;
      if ((seen & bit) != 0) return false;
      seen |= bit;
      next = index + 1;
      return is_good(value, rules_.rules_[index]);
    };
    in.take_blanks();
    const std::size_t from = in.at();
    if (!take_flat_object(in, judge) || (seen & rules_.required_) != rules_.required_) return false;
    records_.push_back(
        {static_cast<std::uint32_t>(begin + from), static_cast<std::uint32_t>(begin + in.at())});
    return in.at() - from <= limits_.max_record_bytes;
  }

  /// The members of a record mostly come in the order of the schema: `expected` is tried first.
  std::size_t find(std::string_view name, std::size_t expected) const {
    const auto& rules = rules_.rules_;
    if (expected < rules.size() && rules[expected].name == name) return expected;
    const auto is_it = [&](const FlatRules::Rule& rule) { return rule.name == name; };
    return static_cast<std::size_t>(std::find_if(rules.begin(), rules.end(), is_it) - rules.begin());
  }

  static bool is_good(const FlatJson::Value& value, const FlatRules::Rule& rule) {
    if ((rule.types & bit_of(value.type)) == 0) return false;
    return value.type != Type::kText ||
           (value.escaped ? is_good_escaped(value, rule) : is_good_text(value, rule));
  }

  static bool is_good_text(const FlatJson::Value& value, const FlatRules::Rule& rule) {
    const std::string_view text = value.text();
    if (text.size() < rule.min_length) return false;
    if (rule.min_length > 1 || text.size() > rule.max_length) {
      const std::size_t length = count_code_points(text);
      if (length < rule.min_length || length > rule.max_length) return false;
    }
    return !rule.format || has_format(text, *rule.format);
  }

  /// Without a look at what it stands for: that is one code point at least, and no more than it has bytes.
  static bool is_good_escaped(const FlatJson::Value& value, const FlatRules::Rule& rule) {
    return !rule.format && rule.min_length <= 1 && value.text().size() <= rule.max_length;
  }

  const FlatRules& rules_;
  const UploadLimits& limits_;
  std::vector<RecordSlice> records_;
};

std::optional<FlatRules> FlatRules::of(const Value& schema) {
  FlatRules rules;
  if (!rules.read(schema)) return std::nullopt;
  return rules;
}

bool FlatRules::read(const Value& schema) {
  const Value* const type = member_of(schema, "type");
  const Value* const additional = member_of(schema, "additionalProperties");
  const Value* const properties = member_of(schema, "properties");
  const Value* const required = member_of(schema, "required");
  std::size_t understood = 0;
  for (const auto& member : schema.GetObject()) understood += says_nothing(text_of(member.name)) ? 1 : 0;
  understood += required == nullptr ? 3 : 4;
  if (understood != schema.MemberCount()) return false;
  if (type == nullptr || !type->IsString() || text_of(*type) != "object") return false;
  if (additional == nullptr || !additional->IsFalse()) return false;
  if (properties == nullptr || properties->MemberCount() > kMostMembers) return false;
  for (const auto& member : properties->GetObject()) {
    if (allows_nothing(member.value)) continue;
    std::optional<Rule> rule = rule_of(text_of(member.name), member.value);
    if (!rule) return false;
    rules_.push_back(std::move(*rule));
  }
  if (required == nullptr) return true;
  for (const Value& name : required->GetArray()) {
    const auto is_it = [&](const Rule& rule) { return rule.name == text_of(name); };
    const auto found = std::find_if(rules_.begin(), rules_.end(), is_it);
    if (found == rules_.end()) return false;
    required_ |= std::uint64_t{1} << (found - rules_.begin());
  }
  return true;
}

bool FlatRules::read_types(const Value& type, Rule& rule) {
  if (type.IsString()) rule.types = types_called(text_of(type));
  if (!type.IsArray()) return rule.types != 0;
  for (const Value& name : type.GetArray()) {
    if (types_called(text_of(name)) == 0) return false;
    rule.types |= types_called(text_of(name));
  }
  return true;
}

std::optional<FlatRules::Rule> FlatRules::rule_of(std::string_view name, const Value& schema) {
  Rule rule{.name = std::string(name)};
  for (const auto& member : schema.GetObject()) {
    const std::string_view keyword = text_of(member.name);
    if (keyword == "type" && !read_types(member.value, rule)) return std::nullopt;
    if (keyword == "minLength") rule.min_length = member.value.GetUint64();
    if (keyword == "maxLength") rule.max_length = member.value.GetUint64();
    if (keyword == "format") rule.format = text_format(text_of(member.value));
    const bool known =
        keyword == "type" || keyword == "minLength" || keyword == "maxLength" || keyword == "format";
    if (!known && !says_nothing(keyword)) return std::nullopt;
  }
  if (rule.types == 0) return std::nullopt;
  return rule;
}

std::optional<std::vector<RecordSlice>> FlatRules::accept(std::string_view body, std::size_t begin,
                                                          UploadFormat format,
                                                          const UploadLimits& limits) const {
  FlatCheck check(*this, limits);
  const bool good =
      format == UploadFormat::kJson ? check.read_json(body, begin) : check.read_lines(body, begin);
  if (!good) return std::nullopt;
  return check.take_records();
}

}  // namespace comporta
