#pragma once
// A kind is a folder: what may come in, how it is kept. docs/ARCHITECTURE.md, "A kind is a folder".

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace comporta {

struct KindSample {
  std::string file;  ///< under `examples/`
  std::string title_pt;
  std::string title_en;
  std::string content;
};

/// kind.yaml, with the files beside it read in. A plain value.
struct Kind {
  std::string name;  ///< the folder's
  std::string title_pt;
  std::string title_en;
  std::string key;                        ///< the record's member that is its key, such as `_id`
  std::vector<std::string> cache_fields;  ///< members kept in the cache, in this order
  std::chrono::seconds ttl{60};
  std::string event_time;  ///< the member with the event's own time; empty: none
  std::string schema;      ///< schema.json as it stands, already checked
  std::vector<KindSample> samples;
};

/// The kinds, by name. Loaded once, read-only after.
class KindSet {
 public:
  /// Reads every folder below `directory`. Every fault found (unknown keys, unsupported schema keywords,
  /// a key that the schema does not require) is added to `faults` as `file:line: what`.
  static KindSet load(const std::filesystem::path& directory, std::vector<std::string>& faults);

  const Kind* find(std::string_view name) const;
  const std::map<std::string, Kind, std::less<>>& all() const { return kinds_; }

 private:
  std::map<std::string, Kind, std::less<>> kinds_;
};

}  // namespace comporta
