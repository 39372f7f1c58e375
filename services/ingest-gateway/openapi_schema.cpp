#include "services/ingest-gateway/openapi_schema.h"

#include <algorithm>

#include "common/base/error.h"

namespace comporta::gateway {
namespace {

using rapidjson::Value;

constexpr std::string_view kDefinitions = "#/definitions/";
/// What `date-time` does not say: one blank before the offset.
constexpr char kSpacedTime[] =
    R"([{"format":"date-time"},{"pattern":"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})? [+-]([01][0-9]|2[0-3]):[0-5][0-9]$"}])";

/// Draft 4, as far as it is used here (common/json/schema_lint.cpp), in the words of 2020-12.
class Modern {
 public:
  Modern(std::string place, JsonAllocator& allocator) : place_(std::move(place)), allocator_(allocator) {}

  void make(Value& schema) {
    schema.EraseMember("$schema");
    limit(schema, "exclusiveMinimum", "minimum");
    limit(schema, "exclusiveMaximum", "maximum");
    reference(schema);
    format(schema);
    for (const char* each : {"properties", "definitions"})
      if (Value* inner = find(schema, each))
        for (auto& member : inner->GetObject()) make(member.value);
    for (const char* each : {"allOf", "anyOf", "oneOf"})
      if (Value* inner = find(schema, each))
        for (Value& item : inner->GetArray()) make(item);
    for (const char* one : {"items", "additionalProperties", "not"})
      if (Value* inner = find(schema, one); inner != nullptr && inner->IsObject()) make(*inner);
    if (Value* definitions = find(schema, "definitions")) {
      Value moved(std::move(*definitions));
      schema.EraseMember("definitions");
      schema.AddMember("$defs", moved, allocator_);
    }
  }

 private:
  static Value* find(Value& object, const char* name) {
    const auto found = object.FindMember(name);
    return found == object.MemberEnd() ? nullptr : &found->value;
  }

  /// `minimum: 0, exclusiveMinimum: true` became `exclusiveMinimum: 0`.
  void limit(Value& schema, const char* exclusive, const char* inclusive) {
    const Value* const flag = find(schema, exclusive);
    if (flag == nullptr) return;
    const bool is_exclusive = flag->GetBool();
    schema.EraseMember(exclusive);
    if (!is_exclusive) return;
    Value number(schema[inclusive], allocator_);
    schema.EraseMember(inclusive);
    set_member(schema, exclusive, std::move(number), allocator_);
  }

  void reference(Value& schema) {
    Value* const target = find(schema, "$ref");
    if (target == nullptr) return;
    const std::string name(text_of(*target).substr(kDefinitions.size()));
    *target = text_value(place_ + "/$defs/" + name, allocator_);
  }

  void format(Value& schema) {
    const bool is_ours = text_in(schema, "format") == "date-time-spaced";
    if (!is_ours || find(schema, "anyOf") != nullptr) return;
    schema.EraseMember("format");
    schema.AddMember("anyOf", json_value(kSpacedTime, allocator_), allocator_);
  }

  std::string place_;
  JsonAllocator& allocator_;
};

void require_no_more(Value& schema, std::string_view member) {
  const auto required = schema.FindMember("required");
  if (required == schema.MemberEnd()) return;
  Value& names = required->value;
  const auto is_it = [&](const Value& name) { return text_of(name) == member; };
  names.Erase(std::remove_if(names.Begin(), names.End(), is_it), names.End());
  if (names.Empty()) schema.EraseMember(required);
}

/// Where other members are allowed, it has to be said that this is not.
void leave_out(Value& schema, std::string_view member, JsonAllocator& allocator) {
  require_no_more(schema, member);
  const auto properties = schema.FindMember("properties");
  if (properties == schema.MemberEnd()) return;
  const Value* const others = member_of(schema, "additionalProperties");
  if (others != nullptr && others->IsFalse())
    properties->value.EraseMember(std::string(member).c_str());
  else
    set_member(properties->value, member, Value(false), allocator);
}

void lengthen(Value& schema, std::string_view member, std::size_t least, JsonAllocator& allocator) {
  const std::string place = pointer_below("/properties", member);
  Value* const password = rapidjson::Pointer(place.data(), place.size()).Get(schema);
  if (password == nullptr) return;
  const Value* const shortest = member_of(*password, "minLength");
  if (shortest == nullptr || shortest->GetUint64() < least)
    set_member(*password, "minLength", Value(static_cast<std::uint64_t>(least)), allocator);
}

}  // namespace

Value json_value(const std::string& json, JsonAllocator& allocator) {
  rapidjson::Document document(&allocator);
  document.Parse(json.data(), json.size());
  check(!document.HasParseError(), "what the document is made from is JSON");
  Value value;
  value.Swap(document);
  return value;
}

Value text_value(std::string_view text, JsonAllocator& allocator) {
  return Value(text.data(), static_cast<rapidjson::SizeType>(text.size()), allocator);
}

void set_member(Value& object, std::string_view name, Value value, JsonAllocator& allocator) {
  const auto found = object.FindMember(Value(name.data(), static_cast<rapidjson::SizeType>(name.size())));
  if (found != object.MemberEnd())
    found->value = value;
  else
    object.AddMember(text_value(name, allocator), value, allocator);
}

Value sent_record_schema(const Kind& kind, bool by_admin, std::size_t least_password,
                         const std::string& place, JsonAllocator& allocator) {
  Value schema = json_value(kind.schema, allocator);
  Modern(place, allocator).make(schema);
  const auto unless_admin = [&](std::string_view member) {
    if (by_admin)
      require_no_more(schema, member);
    else
      leave_out(schema, member, allocator);
  };
  for (const auto& [member, stamp] : kind.stamps) unless_admin(member);
  if (!kind.account.roles.empty()) unless_admin(kind.account.roles);
  if (!kind.account.is_one()) return schema;
  require_no_more(schema, kind.account.password);
  lengthen(schema, kind.account.password, least_password, allocator);
  return schema;
}

}  // namespace comporta::gateway
