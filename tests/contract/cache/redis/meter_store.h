#pragma once
// A kind that compares (tests/data/good/comparing), its records, and a store of its own for it.

#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/cache/redis/store.h"
#include "tests/contract/cache/redis/redis_access.h"
#include "tests/support/cache/sample_batches.h"
#include "tests/support/temporary_folder.h"

namespace comporta {

inline std::string meter(std::string_view key, std::string_view place, std::string_view note = "") {
  return R"({"id":")" + std::string(key) + R"(","place":")" + std::string(place) + R"(","note":")" +
         std::string(note) + R"("})";
}

class MeterStore {
 public:
  /// `changed`: a line of its kind.yaml, and what is there instead.
  explicit MeterStore(const std::pair<std::string, std::string>& changed = {}) : kinds_(load(changed)) {}

  const Kind& kind() const { return kind_; }
  RedisAccess& redis() { return redis_; }
  /// Another daemon's.
  RedisStore another_store() { return RedisStore(redis_.settings(), libraries_); }

  std::vector<PartResult> apply(const std::vector<SampleBatch>& batches) {
    return store_.apply(sample_group(kind_, batches));
  }
  /// `between` is called when Redis has this, and has not yet been asked about the next.
  std::vector<PartResult> apply_while(
      const Group& group, const Group* next, const std::function<void()>& between = [] {}) {
    return store_.apply_while(group, [&] {
      between();
      return next;
    });
  }
  std::string ask(const std::string& query, const std::string& arguments = "{}") {
    return asking_.query({kind_, query, arguments, now_}).text;
  }
  std::optional<FoundRecord> find(const std::string& key) { return asking_.find_record("meter", key); }
  std::optional<AppliedBatch> find_batch(const std::string& id) { return asking_.find_batch(id); }
  std::string place_of(const std::string& key) {
    const auto found = find(key);
    return found ? found->value : "nothing";
  }

 private:
  static KindSet load(const std::pair<std::string, std::string>& changed) {
    const std::filesystem::path source = COMPORTA_SOURCE_DIR "/tests/data/good/comparing";
    const test::TemporaryFolder folder;
    std::filesystem::copy(source, folder.path(), std::filesystem::copy_options::recursive);
    std::stringstream text;
    text << std::ifstream(source / "meter" / "kind.yaml").rdbuf();
    std::string yaml = text.str();
    if (!changed.first.empty()) yaml.replace(yaml.find(changed.first), changed.first.size(), changed.second);
    std::ofstream(folder.path() / "meter" / "kind.yaml") << yaml;
    std::vector<std::string> faults;
    KindSet kinds = KindSet::load(folder.path(), faults);
    if (!faults.empty()) throw std::runtime_error(faults.front());
    return kinds;
  }

  KindSet kinds_;
  Kind kind_ = *kinds_.find("meter");
  RedisAccess redis_;
  ViewLibraries libraries_ = make_view_libraries(kinds_, redis_.prefix());
  RedisStore store_{redis_.settings(), libraries_};
  RedisStore asking_{redis_.settings(), libraries_};  ///< beside it, as a daemon's readers are
  WallClock::time_point now_ = WallClock::now();
};

}  // namespace comporta
