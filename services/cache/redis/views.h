#pragma once
// The libraries of views in one Redis: loaded, called, and cleared away when nobody uses them any more.

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/cache/apply/applied_marks.h"
#include "services/cache/apply/group.h"
#include "services/cache/apply/view_store.h"
#include "services/cache/redis/commands.h"
#include "services/cache/redis/connection.h"
#include "services/cache/redis/recent_records.h"
#include "services/cache/views/library.h"

namespace comporta {

/// What a call tells of the settled parts of its batch, which are written beside it.
struct SettledNews {
  std::size_t records = 0;
  std::vector<std::string> latest;                              ///< entries, as prelude/part.lua writes them
  std::vector<std::pair<std::string, std::string_view>> marks;  ///< keys and digests
};

/// What is remembered together with a part of a kind with views.
struct PartMarks {
  std::string_view applied;  ///< the key of the hash of batches
  std::string_view batch;
  std::string batch_entry;  ///< empty: another part of the batch has brought it
  std::string digest_key;   ///< empty: the part came without Idempotency-Key
  std::chrono::seconds digest_ttl;
  std::chrono::milliseconds outcome_left;  ///< how long what became of the upload is kept
  SettledNews settled = {};
};

/// For each record of a group: whether it is settled, where that was known without asking.
using Foreknown = std::vector<std::optional<bool>>;

/// One thread.
class RedisViews {
 public:
  RedisViews(ViewLibraries libraries, std::string prefix);

  /// Whether records of this kind are applied by a function.
  bool serve(const Kind& kind) const { return libraries_.contains(kind.family); }

  /// Sees to it that all libraries are there and start, and says that they are in use; deletes those of this
  /// prefix that nobody has used for an hour. To be called on every new connection, and now and then. Blocks
  /// for some round trips. Throws TransientError, with file and line, when the code of a kind is at fault.
  void prepare(RedisConnection& connection);
  bool prepared_lately() const;

  /// Appends the questions for what the records of kinds that compare are compared with, but for those that
  /// `recent` tells of.
  Foreknown add_comparisons(RedisCommands& commands, const Group& group, const RecentRecords& recent) const;
  /// Takes their answers. For each record of the group: whether `apply` need not be asked about it, for what
  /// is before it, in the cache or in the group, says the same, or nothing is. In front of a settled record
  /// of a part none with its key is unsettled. True as long as nobody else applies anything.
  std::vector<bool> receive_comparisons(RedisConnection& connection, const Group& group,
                                        const Foreknown& foreknown) const;
  /// Notes what is written of such kinds when the group is applied: what is settled. Of the others only
  /// `apply` knows what becomes.
  void note_written(RecentRecords& recent, const Group& group, const std::vector<PartResult>& parts,
                    const std::vector<bool>& settled) const;

  /// Whether `apply` need not be asked about any record of the part.
  bool all_settled(const Part& part, const std::vector<bool>& settled) const;
  /// Appends the call that applies what is not settled of the part, and tells of all of it. What is settled
  /// must have been kept (SettledParts). The answer is why the part failed, how many
  /// records nobody might send who sent them, or nil.
  void add_part(RedisCommands& commands, const Group& group, const Part& part,
                const std::vector<bool>& settled, const PartMarks& marks) const;

  /// Whether records of that kind may be waited for, or wait.
  bool may_wait(const Kind& kind) const;
  /// Appends a call that applies some of those who waited in the family, and for whom that has come. The
  /// answer is 1 if there are more, else 0. Nothing hangs on when it is made, or how often.
  void add_waking(RedisCommands& commands, std::string_view family) const;
  /// The same for every family in which records may wait; returns how many there are.
  std::size_t add_waking(RedisCommands& commands) const;

  ViewAnswer query(RedisConnection& connection, const ViewQuery& query) const;

 private:
  bool compares(const Part& part) const;
  bool is_of_comparing_kind(const Part& part) const;
  void load(RedisConnection& connection, const ViewLibrary& library) const;
  void start(RedisConnection& connection, const ViewLibrary& library) const;
  void keep_books(RedisConnection& connection) const;
  void drop(RedisConnection& connection, std::string_view library) const;

  ViewLibraries libraries_;
  std::string prefix_;
  std::string books_;
  std::chrono::steady_clock::time_point prepared_at_ = {};
};

}  // namespace comporta
