#pragma once
// What is put into the texts of a reaction: the arguments that `react` was given, and `id` and `reason`.
// Pure.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/rapid.h"
#include "common/kinds/provider_address.h"

namespace comporta {

class ReactionValues {
 public:
  /// `with` is a JSON object; what is none counts as empty.
  ReactionValues(std::string_view with, const std::string& id);

  void set(const std::string& name, std::string_view text);
  /// Null if there is none, or it is null.
  const rapidjson::Value* find(std::string_view name) const;

 private:
  rapidjson::Document values_;
};

/// A text that is a name alone becomes the value as it is, and nothing without one. In any other the values
/// stand as text, and what is not there as nothing. As JSON.
std::optional<std::string> json_of(const std::vector<TextPiece>& pieces, const ReactionValues& values);
/// Nothing if a value is not there, or is none that a text could have; `encode` is done to each.
std::optional<std::string> text_of(const std::vector<TextPiece>& pieces, const ReactionValues& values,
                                   std::string (*encode)(std::string_view));
/// The JSON with values put into its texts. A member, or an element of a list, that becomes nothing is left
/// out.
std::string filled(const std::string& json, const ReactionValues& values);

}  // namespace comporta
