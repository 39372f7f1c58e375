#pragma once
// Settled records of a group (views.h) on their way to Redis, for views that read them in the same group.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "services/cache/apply/group.h"

namespace comporta {

/// Costs next to nothing until somebody asks for a record of one of the kinds. One thread.
class KeptRecords {
 public:
  explicit KeptRecords(std::string_view prefix) : prefix_(prefix) {}

  /// Forgets all. Group and `settled`, of RedisViews::receive_comparisons(), are kept until the next call.
  void begin(const Group& group, const std::vector<bool>& settled);
  void clear();
  /// The settled records of the part are kept; the same key later in the group is added behind it.
  void add(const Part& part, std::string_view batch);
  /// What is kept under Redis' key: nothing if it is none of these.
  std::optional<std::string> find(std::string_view key);

 private:
  struct Kept {
    const Part* part;
    std::string_view batch;
  };
  struct OfKind {
    std::string start;  ///< of Redis' keys
    std::vector<Kept> parts = {};
    std::size_t listed = 0;  ///< of the parts, in `records`
    struct Record {
      std::size_t part;
      std::size_t record;
    };
    std::unordered_map<std::string_view, Record> records = {};
  };

  void list(OfKind& kind) const;

  std::string prefix_;
  const Group* group_ = nullptr;
  const std::vector<bool>* settled_ = nullptr;
  std::map<const Kind*, OfKind> kinds_;
};

}  // namespace comporta
