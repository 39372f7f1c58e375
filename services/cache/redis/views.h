#pragma once
// The views of all families at work on one Redis: what they read comes from there, what they change goes into
// the transaction of a group.

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "services/cache/apply/applied_marks.h"
#include "services/cache/apply/group.h"
#include "services/cache/apply/view_store.h"
#include "services/cache/redis/commands.h"
#include "services/cache/redis/connection.h"
#include "services/cache/redis/kept_records.h"
#include "services/cache/redis/reader.h"
#include "services/cache/redis/recent_records.h"
#include "services/cache/redis/view_data.h"
#include "services/cache/views/budgets.h"
#include "services/cache/views/family.h"
#include "services/cache/views/library.h"

namespace comporta {

/// For each record of a group: whether it is settled, where that was known without asking.
using Foreknown = std::vector<std::optional<bool>>;

/// One thread.
class RedisViews {
 public:
  /// `budgets` may be null; otherwise it must outlive it.
  RedisViews(ViewLibraries libraries, std::string prefix, const RedisServer& server,
             const ViewBudgets* budgets = nullptr);
  ~RedisViews() = default;
  RedisViews(const RedisViews&) = delete;
  RedisViews& operator=(const RedisViews&) = delete;

  /// Whether records of this kind are applied by views.
  bool serve(const Kind& kind) const { return libraries_.contains(kind.family); }

  /// Before anything is applied: throws TransientError, with file and line, when the code of a kind is at
  /// fault. Who only asks starts what is asked.
  void start();

  /// Appends the questions for what the records of kinds that compare are compared with, but for those that
  /// `recent` tells of.
  Foreknown add_comparisons(RedisCommands& commands, const Group& group, const RecentRecords& recent) const;
  /// Takes their answers. For each record of the group: whether `apply` need not be asked about it, for what
  /// is before it, in the cache or in the group, says the same, or nothing is. In front of a settled record
  /// of a part none with its key is unsettled. True as long as nobody else applies anything.
  std::vector<bool> receive_comparisons(RedisConnection& connection, const Group& group,
                                        const Foreknown& foreknown);
  /// Notes what is written of such kinds when the group is applied: what is settled. Of the others only
  /// `apply` knows what becomes.
  void note_written(RecentRecords& recent, const Group& group, const std::vector<PartResult>& parts,
                    const std::vector<bool>& settled) const;

  /// Whether `apply` need not be asked about any record of the part.
  bool all_settled(const Part& part, const std::vector<bool>& settled) const;

  /// What is to be watched besides, so that nobody else changes what the group's views hang on: the
  /// records that wait.
  const std::vector<std::string>& watched_keys() const { return watched_keys_; }
  /// A transaction begins, whose commands these are. Reads in one go what its records need. Blocks.
  void begin(RedisCommands& commands, const Group& group, const std::vector<bool>& settled);
  /// The settled records of the part are kept by commands of the caller's: apply() sees them.
  void note_kept(const Part& part, std::string_view batch) { kept_.add(part, batch); }
  /// Each of them, by Redis' key.
  void note_kept(std::string_view key, std::string_view header, std::string_view value);
  /// Applies what is not settled of the part: appends what it and those whom it wakes change. What is settled
  /// must have been kept (SettledParts). Throws TransientError when something cannot be read.
  PartResult apply(const Group& group, const Part& part, const std::vector<bool>& settled,
                   std::string_view batch, std::chrono::milliseconds outcome_left);
  /// Applies some of those who waited in the family, and for whom that has come. Whether there are more.
  bool wake(std::string_view family);
  bool may_wait(const Kind& kind) const;
  /// The same for all families.
  bool wake_all();
  /// The transaction is done.
  void end() {
    data_.end_group();
    kept_.clear();
  }
  /// Somebody else may have written.
  void forget() {
    data_.forget();
    kept_.clear();
  }
  /// After a failure.
  void disconnect();
  void rest();

  ViewAnswer query(RedisConnection& connection, const ViewQuery& query);

 private:
  bool compares(const Part& part) const;
  bool is_of_comparing_kind(const Part& part) const;
  Family& family(std::string_view name);
  void learn_beside(const Group& group, const Part& part);

  ViewLibraries libraries_;
  std::string prefix_;
  const ViewBudgets* budgets_;
  std::vector<std::string> watched_keys_;
  ReadsAtOnce reader_;
  KeptRecords kept_{prefix_};
  ViewData data_{reader_, [this](std::string_view key) { return kept_.find(key); }};
  std::unordered_set<std::string, NameHash, std::equal_to<>>
      asked_keys_;  ///< of the group's records that are not settled
  /// By kind, what stands before a record's key in the names that its views read beside it: begin() reads
  /// them, too.
  std::map<std::string, std::set<std::string>, std::less<>> beside_;
  ViewData* at_work_ = &data_;  ///< what the host's functions work on
  std::map<std::string, Family, std::less<>> families_;
};

}  // namespace comporta
