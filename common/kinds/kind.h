#pragma once
// A kind is a folder: what may come in, how it is kept. docs/KINDS.md.

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/time_zone.h"
#include "common/csv/columns.h"
#include "common/kinds/access.h"
#include "common/kinds/hooks.h"
#include "common/kinds/lookups.h"
#include "common/kinds/page.h"
#include "common/kinds/reactions.h"
#include "common/kinds/views.h"
#include "common/kinds/words.h"

namespace comporta {

struct KindSample {
  std::string file;  ///< under `examples/`
  std::string title_pt;
  std::string title_en;
  std::string content;
};

struct Label {
  std::string pt;
  std::string en;
};

/// What happens to a member at the gateway, before anything is published or logged.
enum class Transform {
  kDrop,  ///< it is taken out
  kMask,  ///< its last four characters are kept: `**** **** **** 1234`
  kHash,  ///< its HMAC-SHA-256 with the gateway's secret takes its place, in 64 hexadecimal digits
};

/// How a text is written, by whomever it is sent: seen to at the gateway before the schema looks at it.
struct WrittenForm {
  bool trim = false;    ///< without blanks at its ends
  bool lower = false;   ///< in lower case
  bool digits = false;  ///< its digits alone, 0 to 9
  Words words = {};     ///< whichever of them it is then, the one that is kept

  bool operator==(const WrittenForm&) const = default;
};

std::string in_form(const WrittenForm& form, std::string_view text);

/// Each transform may make a record that many bytes longer, and a kind has so many of them at most.
inline constexpr std::size_t kMaxTransformGrowth = 64;
inline constexpr std::size_t kMaxTransforms = 32;
/// A word that stands for another may be that many bytes longer.
inline constexpr std::size_t kMaxWordGrowth = 16;

/// kind.yaml, with the files beside it read in. A plain value.
struct Kind {
  std::string name;    ///< the folder's
  std::string family;  ///< kinds of one family may look each other's records up; by default its own name
  std::string title_pt;
  std::string title_en;
  std::string key;                        ///< the record's member that is its key, such as `_id`
  std::vector<std::string> cache_fields;  ///< members kept in the cache, in this order
  std::chrono::seconds ttl{60};           ///< 0: kept until deleted
  std::string event_time;                 ///< the member with the event's own time; empty: none
  TimeZone time_zone;                     ///< whose days the views count by
  std::string schema;                     ///< schema.json as it stands, already checked
  std::vector<KindSample> samples;
  std::map<std::string, Transform> transforms;     ///< by JSON pointer into the record
  std::map<std::string, WrittenForm> forms;        ///< of texts, by JSON pointer into the record
  std::map<std::string, std::string> csv_columns;  ///< what a column may be called beside: column -> member
  std::map<std::string, Label> labels;             ///< by member, or by JSON pointer to one further in
  std::map<std::string, std::string> reasons;      ///< why views.lua refuses, as it says it -> in Portuguese
  std::string views_lua;                           ///< views.lua as it stands; empty: the kind has no views
  KindViews views;                                 ///< of a kind that has them
  std::map<std::string, KindLookup, std::less<>> lookups;      ///< by name, which no query has, too
  std::map<std::string, KindReaction, std::less<>> reactions;  ///< by name
  std::string answers;  ///< answers.json as it stands: by query, the schema of what it answers; may be empty
  KindAccess access;
  std::map<std::string, Stamp, std::less<>> stamps;  ///< by member
  std::map<std::string, std::string> uuid_sources;   ///< of stamped UUIDs: from which member one is made
  KindAccount account;                               ///< empty members: it is no kind of accounts
  std::optional<KindHook> hook;                      ///< by which somebody outside may tell something
  KindPage page;                                     ///< empty path: it has none
};

/// Whether something is computed when its records are applied: it has a views.lua, or says who may change
/// them.
inline bool has_views(const Kind& kind) {
  return !kind.views_lua.empty();
}
/// The views of a kind that only says who may change its records.
inline constexpr std::string_view kNothingComputed = "return {apply = function() end}";
/// Whether views.lua is given other members of a record than the cache keeps.
inline bool has_fields_apart(const Kind& kind) {
  return has_views(kind) && kind.views.fields != kind.cache_fields;
}

/// What the columns of its CSV may be called. `schema` is the kind's.
CsvColumns csv_columns_of(const Kind& kind, const RecordSchema& schema);

/// As the record with that key is kept: in the form of its member.
std::string key_in_form(const Kind& kind, std::string_view key);

/// The kinds, by name. Loaded once, read-only after.
class KindSet {
 public:
  /// Reads every folder below `directory`. Every fault found (unknown keys, unsupported schema keywords,
  /// a key that the schema does not require, a page that names a kind that is not there) is added to `faults`
  /// as `file:line: what`.
  static KindSet load(const std::filesystem::path& directory, std::vector<std::string>& faults);

  const Kind* find(std::string_view name) const;
  const std::map<std::string, Kind, std::less<>>& all() const { return kinds_; }

 private:
  std::map<std::string, Kind, std::less<>> kinds_;
};

}  // namespace comporta
