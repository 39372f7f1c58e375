#include "services/cache/reactions/values.h"

#include "common/base/json_text.h"

namespace comporta {
namespace {

using rapidjson::Value;

bool is_alone(const std::vector<TextPiece>& pieces) {
  return pieces.size() == 1 && pieces.front().text.empty() && !pieces.front().name.empty();
}

std::string as_text(const Value* value) {
  if (value == nullptr) return {};
  return value->IsString() ? std::string(text_of(*value)) : json_text(*value);
}

std::optional<std::string> fill(const Value& value, const ReactionValues& values);

std::string fill_object(const Value& object, const ReactionValues& values) {
  JsonObject filled_object;
  for (const auto& [name, member] : object.GetObject())
    if (const auto json = fill(member, values)) filled_object.add(text_of(name), *json);
  return filled_object.text();
}

std::string fill_list(const Value& list, const ReactionValues& values) {
  std::string out;
  for (const Value& element : list.GetArray())
    if (const auto json = fill(element, values)) out += (out.empty() ? "" : ",") + *json;
  return "[" + out + "]";
}

std::optional<std::string> fill(const Value& value, const ReactionValues& values) {
  if (value.IsObject()) return fill_object(value, values);
  if (value.IsArray()) return fill_list(value, values);
  if (value.IsString() && value.GetStringLength() > 0) return json_of(pieces_of(text_of(value)), values);
  return json_text(value);
}

}  // namespace

ReactionValues::ReactionValues(std::string_view with, const std::string& id) {
  values_.Parse<rapidjson::kParseIterativeFlag>(with.data(), with.size());
  if (values_.HasParseError() || !values_.IsObject()) values_.SetObject();
  set("id", id);
}

void ReactionValues::set(const std::string& name, std::string_view text) {
  auto& allocator = values_.GetAllocator();
  values_.RemoveMember(name.c_str());
  values_.AddMember(Value(name.c_str(), allocator),
                    Value(text.data(), static_cast<rapidjson::SizeType>(text.size()), allocator), allocator);
}

const Value* ReactionValues::find(std::string_view name) const {
  const Value* const value = member_of(values_, name);
  return value == nullptr || value->IsNull() ? nullptr : value;
}

std::optional<std::string> json_of(const std::vector<TextPiece>& pieces, const ReactionValues& values) {
  if (is_alone(pieces)) {
    const Value* const value = values.find(pieces.front().name);
    return value == nullptr ? std::nullopt : std::optional(json_text(*value));
  }
  std::string text;
  for (const TextPiece& piece : pieces)
    text += piece.text + (piece.name.empty() ? "" : as_text(values.find(piece.name)));
  return json_string(text);
}

std::optional<std::string> text_of(const std::vector<TextPiece>& pieces, const ReactionValues& values,
                                   std::string (*encode)(std::string_view)) {
  std::string text;
  for (const TextPiece& piece : pieces) {
    text += piece.text;
    if (piece.name.empty()) continue;
    const Value* const value = values.find(piece.name);
    const std::string put_in = as_text(value);
    if (put_in.empty() || value->IsObject() || value->IsArray()) return std::nullopt;
    text += encode(put_in);
  }
  return text;
}

std::string filled(const std::string& json, const ReactionValues& values) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
  return fill(document, values).value_or("null");
}

}  // namespace comporta
