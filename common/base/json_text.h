#pragma once
// JSON put together from parts that are JSON already.

#include <string>
#include <string_view>

#include "common/base/text.h"

namespace comporta {

/// An object to which one member after the other is added. The caller sees to it that none comes twice.
class JsonObject {
 public:
  /// `json` as it stands.
  void add(std::string_view name, std::string_view json) {
    text_ += text_.size() > 1 ? "," : "";
    append_json_string(text_, name);
    text_.append(":").append(json);
  }
  bool empty() const { return text_.size() == 1; }
  std::string text() const { return text_ + "}"; }

 private:
  std::string text_ = "{";
};

/// What `to_json` makes of each item.
template <typename Range, typename ToJson>
std::string json_array(const Range& range, ToJson to_json) {
  std::string out = "[";
  for (const auto& item : range) out.append(out.size() > 1 ? "," : "").append(to_json(item));
  return out + "]";
}

/// A member for each pair of a map, its value as `to_json` makes it.
template <typename Map, typename ToJson>
std::string json_object(const Map& map, ToJson to_json) {
  JsonObject object;
  for (const auto& [name, value] : map) object.add(name, to_json(value));
  return object.text();
}

inline std::string in_both_languages(std::string_view pt, std::string_view en) {
  return "{\"pt\":" + json_string(pt) + ",\"en\":" + json_string(en) + "}";
}

}  // namespace comporta
