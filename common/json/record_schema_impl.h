#pragma once
// What the files behind record_schema.h share. Not for others: it shows RapidJSON.

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/text_format.h"
#include "common/json/flat_rules.h"
#include "common/json/rapid.h"
#include "common/json/record_schema.h"

namespace comporta {

/// Where a schema asks for formats: the same tree as its `properties` and `items`, without the branches that
/// ask for none. May have cycles, as `$ref` may.
struct FormatNode {
  std::optional<TextFormat> format;
  std::vector<std::pair<std::string, const FormatNode*>> members;
  const FormatNode* items = nullptr;

  const FormatNode* member(std::string_view name) const {
    for (const auto& [key, node] : members)
      if (key == name) return node;
    return nullptr;
  }
};

struct RecordSchema::Impl {
  rapidjson::Document document;
  std::deque<FormatNode> format_nodes;
  const FormatNode* formats = nullptr;  ///< of the record; null: it asks for none
  std::optional<FlatRules> flat_rules;  ///< where the quick way to a yes is open

  /// RapidJSON matches patterns in scratch space that lies in the compiled schema, so each running check has
  /// a compiled schema of its own. As many stay as were ever used at once.
  mutable std::mutex mutex;
  mutable std::vector<std::unique_ptr<rapidjson::SchemaDocument>> idle;
};

/// A compiled schema for the use of one thread; goes back when done.
class BorrowedSchema {
 public:
  explicit BorrowedSchema(const RecordSchema::Impl& owner);
  ~BorrowedSchema();
  BorrowedSchema(const BorrowedSchema&) = delete;
  BorrowedSchema& operator=(const BorrowedSchema&) = delete;

  const rapidjson::SchemaDocument& operator*() const { return *schema_; }

 private:
  const RecordSchema::Impl& owner_;
  std::unique_ptr<rapidjson::SchemaDocument> schema_;
};

struct SchemaFault {
  std::string pointer;  ///< of the value at fault, in the schema
  std::string message;
};

/// Everything in `schema` that RapidJSON would ignore, misread or crash on.
std::vector<SchemaFault> lint_schema(const rapidjson::Value& schema);

/// Whether it is the schema of what must not be there (RecordSchema::without()): its description says why.
bool allows_nothing(const rapidjson::Value& schema);

/// For people: what is wrong where RapidJSON says `code`. `rest` is what has not been read; of one line, if
/// each record has one.
std::string syntax_text(rapidjson::ParseErrorCode code, std::string_view rest, bool is_one_line);

/// A record's first fault, as the validator saw it.
struct RawFault {
  std::string_view keyword;         ///< lives as long as the program
  rapidjson::Pointer place;         ///< in the record
  rapidjson::Pointer schema_place;  ///< of the rule's schema
};

inline constexpr std::string_view kUniqueMembers = "uniqueMembers";  ///< our own keyword

/// For people. `record` is the record's bytes, well-formed. Parses them again: for the few that are shown.
RecordFault explain(const RawFault& fault, std::size_t index, std::string_view record,
                    const RecordSchema::Impl& schema);

}  // namespace comporta
