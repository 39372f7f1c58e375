#include "services/ingest-gateway/notice_record.h"

#include <algorithm>

#include "common/base/json_text.h"
#include "common/json/rapid.h"

namespace comporta::gateway {
namespace {

using Query = std::map<std::string, std::string>;

/// Of a member: as it stands in a text, and as JSON.
struct Value {
  std::string text;
  std::string json;
};

std::optional<Value> value_of(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return Value{std::string(text), json_string(text)};
}

std::optional<Value> value_of(const rapidjson::Value* value) {
  if (value == nullptr || value->IsNull() || value->IsObject() || value->IsArray()) return std::nullopt;
  if (value->IsString()) return value_of(text_of(*value));
  const std::string json = json_text(*value);
  return Value{json, json};
}

/// A notice being read.
class Reading {
 public:
  Reading(const HttpRequest& notice, const Query& query) : notice_(notice), query_(query) {}

  /// Returns whether it is JSON.
  bool read_body() {
    auto body = parse_json(notice_.body);
    if (body) body_ = std::move(*body);
    return body.has_value();
  }

  void add(const HookMember& member) {
    if (auto value = member.sources.empty() ? put_together(member.text) : first_of(member.sources)) {
      record_.add(member.name, value->json);
      values_.emplace(member.name, std::move(value->text));
    }
  }

  std::string record() const { return record_.text(); }

 private:
  std::optional<Value> first_of(const std::vector<HookSource>& sources) const {
    for (const HookSource& source : sources)
      if (auto value = value_at(source)) return value;
    return std::nullopt;
  }

  std::optional<Value> value_at(const HookSource& source) const {
    switch (source.where) {
      case HookSource::Where::kQuery: {
        const auto found = query_.find(source.name);
        return found == query_.end() ? std::nullopt : value_of(found->second);
      }
      case HookSource::Where::kHeader:
        return value_of(notice_.header(source.name));
      case HookSource::Where::kBody:
        break;
    }
    return value_of(rapidjson::Pointer(source.name.data(), source.name.size()).Get(body_));
  }

  std::optional<Value> put_together(const std::vector<TextPiece>& pieces) const {
    std::string text;
    for (const TextPiece& piece : pieces) {
      text += piece.text;
      if (piece.name.empty()) continue;
      const auto found = values_.find(piece.name);
      if (found == values_.end()) return std::nullopt;
      text += found->second;
    }
    return value_of(text);
  }

  const HttpRequest& notice_;
  const Query& query_;
  rapidjson::Document body_;
  JsonObject record_;
  Query values_;  ///< of the members so far, as they stand in texts
};

bool reads_body(const HookMember& member) {
  return std::ranges::count(member.sources, HookSource::Where::kBody, &HookSource::where) > 0;
}

}  // namespace

std::optional<std::string> notice_record(const KindHook& hook, const HttpRequest& notice,
                                         const Query& query) {
  Reading reading(notice, query);
  if (std::ranges::any_of(hook.record, reads_body) && !reading.read_body()) return std::nullopt;
  for (const HookMember& member : hook.record) reading.add(member);
  return reading.record();
}

}  // namespace comporta::gateway
