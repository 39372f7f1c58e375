#pragma once
// Where the views of the records are kept: one entry per record with its time to live, and the memory of
// what has been applied, so that a repeat changes nothing (docs/decisions/003-applied-marks.md).

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/uuid.h"
#include "services/cache/apply/applied_marks.h"
#include "services/cache/apply/group.h"
#include "services/cache/apply/upload_outcome.h"

namespace comporta {

struct FoundRecord {
  std::string value;                                   ///< a JSON object
  std::optional<std::chrono::milliseconds> remaining;  ///< in the store; nothing: until it is deleted
  std::optional<std::int64_t> arrival_ms =
      {};  ///< of a kind whose family has views; the rest is over in time
};

/// A part of a batch that was kept aside and has not been applied since.
struct ParkedPart {
  std::string upload;    ///< empty: its line does not say
  std::size_t part = 0;  ///< from 1; 0: its line does not say
  std::string reason;    ///< for people, with no data of the records
  bool operator==(const ParkedPart&) const = default;
};

/// What became of a batch.
struct AppliedBatch {
  std::string applied_at;  ///< RFC 3339
  std::size_t parts;       ///< applied, that this batch was the first to bring, itself or sent back
  std::size_t records;     ///< in them
  std::vector<ParkedPart> parked = {};
};

/// A question to a kind's views.lua.
struct ViewQuery {
  const Kind& kind;
  std::string name;       ///< one of the kind's, or `recent` or `refused`, which every kind with views has
  std::string arguments;  ///< a JSON object
  WallClock::time_point now;
};

struct ViewAnswer {
  enum class Outcome {
    kFound,
    kMissing,
    kBadArgument,  ///< `text` names it
    kFailed,       ///< a fault of views.lua; `text` says which
  };
  Outcome outcome;
  std::string text;  ///< of kFound: JSON
};

/// The group that will be applied next, as it will be then; null if that is not known yet.
using NextGroup = std::function<const Group*()>;

/// A store belongs to one thread. Each call blocks for a round trip or two, at most for the store's own
/// time-outs, and throws TransientError when the store is away, busy or refuses.
class ViewStore {
 public:
  virtual ~ViewStore() = default;

  /// Writes the records of every part that has not been applied yet, what their views make of them, and
  /// remembers its batches and parts, in one step: all of it or nothing, but for the parts that fail. Returns
  /// what became of each part, in the group's order. After a TransientError it may have been applied or not:
  /// the same group again comes to the same end.
  std::vector<PartResult> apply(const Group& group) { return apply_while(group, nullptr); }
  /// The same; asks `next`, if there is one, while it waits for the store: not at all, once or more often.
  /// What it then looks up for that group is of use only if that is the next one to be applied.
  virtual std::vector<PartResult> apply_while(const Group& group, const NextGroup& next) = 0;

  virtual std::optional<FoundRecord> find_record(std::string_view kind, std::string_view key) = 0;
  /// Nothing when it has not been applied, or so long ago that it is forgotten.
  virtual std::optional<AppliedBatch> find_batch(std::string_view id) = 0;
  /// Which of these batches find_batch() would find. One round trip for all.
  virtual std::vector<bool> are_applied(const std::vector<std::string>& batches) = 0;
  virtual UploadOutcome find_upload(std::string_view id) = 0;
  /// Of a kind with views.
  virtual ViewAnswer query(const ViewQuery& query) = 0;
  /// Does some of what apply() has left for later, as it does with many who waited for one record: some
  /// milliseconds' worth. Throws TransientError if the store would not take what is written, or does not
  /// answer.
  virtual void go_on() = 0;
  /// Whether something was left the last time that the store did anything. Does not ask it.
  virtual bool has_more() const { return false; }
  /// Gives back memory that is only kept to be fast.
  virtual void rest() {}
};

}  // namespace comporta
