#pragma once
// Kinds of a folder, their records in a Redis of their own, and what their views answer.

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "services/cache/redis/store.h"
#include "tests/contract/cache/redis/redis_access.h"
#include "tests/support/cache/sample_batches.h"
#include "tests/support/temporary_folder.h"
#include "tests/tsv.h"

namespace comporta {

/// A line of a kind.yaml, and what is there instead; one more at the end if `line` is empty.
struct ChangedLine {
  std::string kind;
  std::string line;
  std::string instead;
};

class AskedKinds {
 public:
  /// `folder`: of kinds, below the root of the project.
  explicit AskedKinds(const std::string& folder, const ChangedLine& changed = {})
      : kinds_(load(COMPORTA_SOURCE_DIR "/" + folder, changed)) {}

  const Kind& kind(const std::string& name) const { return *kinds_.find(name); }
  RedisAccess& redis() { return redis_; }
  std::string ask(const std::string& name, const std::string& query, const std::string& arguments = "{}",
                  WallClock::time_point now = WallClock::now()) {
    return store_.query({kind(name), query, arguments, now}).text;
  }
  /// A batch of one part.
  PartResult apply(const std::string& name, const std::string& records, WallClock::time_point received,
                   const std::string& action = {}) {
    const SamplePart part{.records = records, .action = action, .received = rfc3339(received)};
    return store_.apply(sample_group(kind(name), {{.parts = {part}}})).front();
  }

 private:
  static KindSet load(const std::filesystem::path& source, const ChangedLine& changed) {
    const test::TemporaryFolder folder;
    std::filesystem::copy(source, folder.path(), std::filesystem::copy_options::recursive);
    if (!changed.kind.empty()) {
      const std::filesystem::path file = folder.path() / changed.kind / "kind.yaml";
      std::string yaml = test::read_bytes(file.string());
      const std::size_t at = changed.line.empty() ? yaml.size() : yaml.find(changed.line);
      yaml.replace(at, changed.line.size(), changed.instead);
      std::ofstream(file) << yaml;
    }
    std::vector<std::string> faults;
    KindSet kinds = KindSet::load(folder.path(), faults);
    if (!faults.empty()) throw std::runtime_error(faults.front());
    return kinds;
  }

  KindSet kinds_;
  RedisAccess redis_;
  RedisStore store_{redis_.settings(), make_view_libraries(kinds_, redis_.prefix())};
};

}  // namespace comporta
