#pragma once
// What applying a group changes in Redis, as the commands of one transaction.

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "services/cache/apply/applied_marks.h"
#include "services/cache/apply/group.h"
#include "services/cache/redis/commands.h"
#include "services/cache/redis/settled_parts.h"
#include "services/cache/redis/views.h"

namespace comporta {

/// Where it is remembered what has been applied, and for how long.
struct AppliedMemory {
  AppliedMemory(std::string_view prefix, std::chrono::seconds mark_ttl);

  std::string prefix;
  std::string applied;  ///< keys: apply/key_names.h
  std::string order;
  std::string sent_back;
  std::string marks;  ///< what the marks' keys begin with
  std::chrono::seconds mark_ttl;
};

/// For one group and one transaction. One thread; all that it is given must outlive it.
class GroupWriter {
 public:
  /// `settled` is what RedisViews::receive_comparisons() says. `commands` end with MULTI.
  GroupWriter(const Group& group, Decision& decision, const std::vector<bool>& settled, RedisViews& views,
              const AppliedMemory& memory, RedisCommands& commands);

  /// Appends what the parts to be applied change, and the memory of their batches; notes in the decision
  /// which of them fail. Calls `written` after each part: what there is by then may be sent, for nothing of
  /// it changes any more.
  void write(WallClock::time_point now, const std::function<void()>& written);
  /// Whether some of those who waited are still to be applied.
  bool has_more() const { return has_more_; }
  /// The one of the new batches that stands last in the memory of what has been applied.
  std::string_view last_batch() const { return last_batch_; }

 private:
  void add_part(std::size_t index, std::string_view batch);
  void add_plain_records(const Part& part);
  void add_mark(const Part& part);
  void add_outcome(const Part& part);
  void add_batches();
  std::string entry_of(const Batch& batch) const;
  bool is_to_apply(std::size_t part) const;

  const Group& group_;
  Decision& decision_;
  const std::vector<bool>& settled_;
  RedisViews& views_;
  const AppliedMemory& memory_;
  RedisCommands& commands_;
  SettledParts settled_parts_;
  WallClock::time_point now_ = {};
  std::set<std::string_view> waiting_families_;  ///< of which some may have been called for now
  bool has_more_ = false;
  std::string_view last_batch_;
};

}  // namespace comporta
