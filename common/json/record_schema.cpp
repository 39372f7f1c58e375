#include <algorithm>
#include <map>

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/json/reader.h"
#include "common/json/record_schema_impl.h"

namespace comporta {
namespace {

using rapidjson::Value;

/// Finds the byte at which the value of a JSON pointer begins (or ends, which is on the same line).
class Locator : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Locator> {
 public:
  Locator(JsonStream& stream, std::string_view wanted) : stream_(stream), wanted_(wanted) {}

  bool Default() { return go_on(); }
  bool Key(const char* name, rapidjson::SizeType length, bool) {
    levels_.back().token = std::string(name, length);
    return true;
  }
  bool StartObject() { return open(false); }
  bool StartArray() { return open(true); }
  bool EndObject(rapidjson::SizeType) { return close(); }
  bool EndArray(rapidjson::SizeType) { return close(); }

  std::size_t found() const { return found_; }

 private:
  struct Level {
    bool is_array;
    std::size_t next_index;
    std::string token;
  };

  bool open(bool is_array) {
    if (!go_on()) return false;
    levels_.push_back({is_array, 0, ""});
    return true;
  }
  bool close() {
    levels_.pop_back();
    return true;
  }
  bool go_on() {
    if (!levels_.empty() && levels_.back().is_array)
      levels_.back().token = std::to_string(levels_.back().next_index++);
    std::string here;
    for (const Level& level : levels_) here = pointer_below(here, level.token);
    if (here == wanted_) found_ = stream_.Tell();
    return here != wanted_;
  }

  JsonStream& stream_;
  std::string_view wanted_;
  std::vector<Level> levels_;
  std::size_t found_ = 0;
};

std::size_t line_at(std::string_view text, std::size_t offset) {
  return 1 + static_cast<std::size_t>(
                 std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

std::size_t line_of(const std::string& text, std::string_view pointer) {
  JsonStream stream(text);
  Locator locator(stream, pointer);
  JsonReader().Parse(stream, locator);
  return line_at(text, locator.found());
}

/// Builds the tree of formats of a linted schema.
class FormatTree {
 public:
  FormatTree(const Value& root, std::deque<FormatNode>& nodes) : root_(root), nodes_(nodes) {}

  /// Null when neither `schema` nor anything below it asks for a format.
  const FormatNode* node(const Value& schema) {
    if (const Value* reference = member_of(schema, "$ref")) return node(referred(*reference));
    const auto [known, is_new] = known_.try_emplace(&schema, nullptr);
    if (!is_new) return known->second;
    FormatNode& made = nodes_.emplace_back();
    known->second = &made;
    fill(made, schema);
    if (!made.format && made.members.empty() && made.items == nullptr) known_[&schema] = nullptr;
    return known_[&schema];
  }

 private:
  void fill(FormatNode& made, const Value& schema) {
    if (const Value* format = member_of(schema, "format")) made.format = text_format(text_of(*format));
    if (const Value* items = member_of(schema, "items")) made.items = node(*items);
    const Value* properties = member_of(schema, "properties");
    if (properties == nullptr) return;
    for (const auto& member : properties->GetObject())
      if (const FormatNode* below = node(member.value))
        made.members.emplace_back(text_of(member.name), below);
  }

  const Value& referred(const Value& reference) const {
    return *rapidjson::Pointer(reference.GetString(), reference.GetStringLength()).Get(root_);
  }

  const Value& root_;
  std::deque<FormatNode>& nodes_;
  std::map<const Value*, const FormatNode*> known_;
};

/// False, with the fault added, when `text` is not one JSON object.
bool parse(rapidjson::Document& document, const std::string& text, const std::string& file,
           std::vector<std::string>& faults) {
  const auto fault = [&](std::size_t offset, const std::string& what) {
    faults.push_back(file + ":" + std::to_string(line_at(text, offset)) + ": " + what);
    return false;
  };
  const std::size_t unfit = find_byte_unfit_for_json(text);
  if (unfit != std::string::npos) return fault(unfit, "not JSON: a byte that JSON text cannot hold");
  document.Parse(text.c_str());
  if (document.HasParseError())
    return fault(document.GetErrorOffset(),
                 std::string("not JSON: ") + rapidjson::GetParseError_En(document.GetParseError()));
  return document.IsObject() || fault(0, "a schema must be an object");
}

/// The schema of what `pointer` says of a record; null if `root` does not describe it.
const Value* schema_at(const Value& root, std::string_view pointer) {
  const rapidjson::Pointer place(pointer.data(), pointer.size());
  if (!place.IsValid() || !pointer.starts_with('/')) return nullptr;
  const Value* schema = &root;
  for (std::size_t i = 0; schema != nullptr && i < place.GetTokenCount(); ++i) {
    const auto& token = place.GetTokens()[i];
    const Value* const properties = member_of(*schema, "properties");
    schema = properties == nullptr ? nullptr : member_of(*properties, {token.name, token.length});
    const Value* const reference = schema == nullptr ? nullptr : member_of(*schema, "$ref");
    if (reference != nullptr)
      schema = rapidjson::Pointer(reference->GetString(), reference->GetStringLength()).Get(root);
  }
  return schema;
}

void require_no_more(rapidjson::Document& schema, std::string_view member) {
  if (member_of(schema, "required") == nullptr) return;
  Value& required = schema["required"];
  for (auto name = required.Begin(); name != required.End();)
    name = text_of(*name) == member ? required.Erase(name) : name + 1;
  if (required.Empty()) schema.RemoveMember("required");
}

void forbid(rapidjson::Document& schema, std::string_view member, std::string_view why) {
  auto& memory = schema.GetAllocator();
  require_no_more(schema, member);
  Value nothing(rapidjson::kObjectType);
  nothing.AddMember("not", Value(rapidjson::kObjectType), memory);
  nothing.AddMember("description", Value(why.data(), static_cast<rapidjson::SizeType>(why.size()), memory),
                    memory);
  schema["properties"][std::string(member).c_str()] = nothing;
}

}  // namespace

bool allows_nothing(const Value& schema) {
  const Value* const negated = member_of(schema, "not");
  return negated != nullptr && negated->ObjectEmpty() && schema.MemberCount() == 2 &&
         member_of(schema, "description") != nullptr;
}

std::string pointer_below(const std::string& pointer, std::string_view token) {
  std::string below = pointer + '/';
  for (const char c : token) {
    if (c == '~')
      below += "~0";
    else if (c == '/')
      below += "~1";
    else
      below += c;
  }
  return below;
}

std::string json_text(const Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

BorrowedSchema::BorrowedSchema(const RecordSchema::Impl& owner) : owner_(owner) {
  {
    const std::lock_guard lock(owner_.mutex);
    if (!owner_.idle.empty()) {
      schema_ = std::move(owner_.idle.back());
      owner_.idle.pop_back();
    }
  }
  if (!schema_) schema_ = std::make_unique<rapidjson::SchemaDocument>(owner_.document);
}

BorrowedSchema::~BorrowedSchema() {
  const std::lock_guard lock(owner_.mutex);
  owner_.idle.push_back(std::move(schema_));
}

RecordSchema::RecordSchema() : impl_(std::make_unique<Impl>()) {}
RecordSchema::~RecordSchema() = default;

std::shared_ptr<const RecordSchema> RecordSchema::compile(std::string_view text, const std::string& file,
                                                          std::vector<std::string>& faults) {
  const std::string copy(text);
  const std::shared_ptr<RecordSchema> made(new RecordSchema);
  Impl& impl = *made->impl_;
  if (!parse(impl.document, copy, file, faults)) return nullptr;
  const std::vector<SchemaFault> found = lint_schema(impl.document);
  for (const SchemaFault& fault : found)
    faults.push_back(file + ":" + std::to_string(line_of(copy, fault.pointer)) + ": " +
                     (fault.pointer.empty() ? "the schema" : fault.pointer) + ": " + fault.message);
  if (!found.empty()) return nullptr;
  impl.formats = FormatTree(impl.document, impl.format_nodes).node(impl.document);
  impl.flat_rules = FlatRules::of(impl.document);
  return made;
}

bool RecordSchema::requires_member(std::string_view member) const {
  const Value* required = member_of(impl_->document, "required");
  if (required == nullptr) return false;
  return std::any_of(required->Begin(), required->End(),
                     [&](const Value& name) { return text_of(name) == member; });
}

bool RecordSchema::describes_member(std::string_view member) const {
  return describes(pointer_below("", member));
}

bool RecordSchema::is_nonempty_text(std::string_view member) const {
  const std::string pointer = pointer_below("", member);
  if (!has_type(pointer, "string")) return false;
  const Value* shortest = member_of(*schema_at(impl_->document, pointer), "minLength");
  return shortest != nullptr && shortest->GetUint64() > 0;
}

bool RecordSchema::describes(std::string_view pointer) const {
  return schema_at(impl_->document, pointer) != nullptr;
}

bool RecordSchema::has_type(std::string_view pointer, std::string_view type) const {
  const Value* const schema = schema_at(impl_->document, pointer);
  const Value* const given = schema == nullptr ? nullptr : member_of(*schema, "type");
  return given != nullptr && given->IsString() && text_of(*given) == type;
}

std::vector<DescribedMember> RecordSchema::members() const {
  std::vector<DescribedMember> members;
  const Value* const properties = member_of(impl_->document, "properties");
  if (properties == nullptr) return members;
  for (const auto& property : properties->GetObject()) {
    DescribedMember& member = members.emplace_back();
    member.name = text_of(property.name);
    const Value& schema = *schema_at(impl_->document, pointer_below("", member.name));
    const Value* const type = member_of(schema, "type");
    if (type != nullptr && type->IsString()) member.types.emplace_back(text_of(*type));
    if (type != nullptr && type->IsArray())
      for (const Value& name : type->GetArray()) member.types.emplace_back(text_of(name));
    if (const Value* format = member_of(schema, "format")) member.format = text_of(*format);
  }
  return members;
}

std::shared_ptr<const RecordSchema> RecordSchema::of_member_alone(std::string_view member) const {
  const rapidjson::Document& whole = impl_->document;
  check(describes_member(member), "the schema describes the member");
  const Value& described = whole["properties"][std::string(member).c_str()];
  const std::string name = json_string(member);
  std::string text = R"({"type":"object","additionalProperties":false,"required":[)" + name +
                     R"(],"properties":{)" + name + ":" + json_text(described) + "}";
  if (const Value* definitions = member_of(whole, "definitions"))
    text += ",\"definitions\":" + json_text(*definitions);
  std::vector<std::string> faults;
  auto made = compile(text + "}", "", faults);
  check(made != nullptr, "a part of a good schema is a good schema");
  return made;
}

std::shared_ptr<const RecordSchema> RecordSchema::without(const std::map<std::string, std::string>& absent,
                                                          const std::vector<std::string>& optional) const {
  rapidjson::Document changed;
  changed.CopyFrom(impl_->document, changed.GetAllocator());
  for (const auto& [member, why] : absent)
    if (describes_member(member)) forbid(changed, member, why);
  for (const std::string& member : optional) require_no_more(changed, member);
  std::vector<std::string> faults;
  auto made = compile(json_text(changed), "", faults);
  check(made != nullptr, "a good schema with less in it is a good schema");
  return made;
}

}  // namespace comporta
