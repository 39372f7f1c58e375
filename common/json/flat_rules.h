#pragma once
// The quick way to a yes. Not for others than the files behind record_schema.h.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/text_format.h"
#include "common/json/flat_json.h"
#include "common/json/rapid.h"
#include "common/json/record_schema.h"

namespace comporta {

/// The rules of a schema whose records are flat: each member is described, is a text, a number, a boolean or
/// null, and has no rules but limits and a format. Immutable, for any thread.
class FlatRules {
 public:
  /// Of a schema that has been linted. Nothing if it has any other rule.
  static std::optional<FlatRules> of(const rapidjson::Value& schema);

  /// The records of an upload from byte `begin` on, if all of it is as RecordChecker wants it, too. Nothing
  /// if it is not, or if FlatJson does not take all of it: then that one has to look. `body` holds nothing
  /// that is unfit for JSON.
  std::optional<std::vector<RecordSlice>> accept(std::string_view body, std::size_t begin,
                                                 UploadFormat format, const UploadLimits& limits) const;

 private:
  friend class FlatCheck;

  struct Rule {
    std::string name;
    std::uint32_t types = 0;  ///< bits, by FlatJson::Type
    std::size_t min_length = 0;
    std::size_t max_length = SIZE_MAX;
    std::optional<TextFormat> format = {};
  };

  bool read(const rapidjson::Value& schema);
  static bool read_types(const rapidjson::Value& type, Rule& rule);
  static std::optional<Rule> rule_of(std::string_view name, const rapidjson::Value& schema);

  std::vector<Rule> rules_;
  std::uint64_t required_ = 0;  ///< bits, by the place in rules_
};

}  // namespace comporta
