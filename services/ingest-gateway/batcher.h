#pragma once
// Group commit: which parts go out together, and when. Pure: one thread, no clock of its own.
//
// The rule (docs/ARCHITECTURE.md, "Group commit"; measured, docs/PERFORMANCE.md): what has to be saved is
// the object written, not the confirm waited for. So
//  - a batch that is not full goes out only when nothing is in flight;
//  - full batches go out at once, a few at a time;
//  - after a batch of several uploads the next one that is not full waits a short gap, the longer the more
//    uploads came together: their senders are about to come back.
// A lone upload therefore goes out at once. Small uploads do not wait behind a large one: they have the
// first half of every batch to themselves.

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/uuid.h"
#include "services/ingest-gateway/upload.h"

namespace comporta::gateway {

struct BatchSettings {
  std::size_t max_in_flight = 4;                  ///< full batches
  std::chrono::microseconds max_gap{8'000};       ///< 0: none
  std::chrono::microseconds gap_per_upload{125};  ///< gap = this × uploads of the last batch, up to max_gap
};

/// One message to be: its lines and who waits for it.
struct Batch {
  std::string id;  ///< UUIDv7; those of a batcher sort in the order in which they go out
  std::string kind;
  std::string body;
  std::size_t parts = 0;
  std::size_t records = 0;
  std::vector<std::shared_ptr<Upload>> uploads;  ///< one entry a part
};

class Batcher {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Batcher(const BatchSettings& settings) : settings_(settings) {}

  void add(std::shared_ptr<Upload> upload);

  /// The next batch that may go out now. It counts as in flight from here on.
  std::optional<Batch> next(Clock::time_point now);
  /// A batch is confirmed, or will never be.
  void landed();

  /// When next() may give one without add() or landed() in between; nothing: never.
  std::optional<Clock::time_point> due() const;
  bool empty() const;

 private:
  /// What waits of one kind: a batch holds records of one kind only.
  struct Lane {
    std::deque<std::shared_ptr<Upload>> small;  ///< of one part
    std::deque<std::shared_ptr<Upload>> large;  ///< of several, taking turns
    std::size_t bytes = 0;                      ///< of the lines to come
    bool turn = false;                          ///< may go out although it fills no batch
  };

  using Lanes = std::map<std::string, Lane>;

  Lanes::iterator choose(Clock::time_point now);
  Batch take(const std::string& kind, Lane& lane);
  void take_small(Lane& lane, Batch& batch, std::size_t limit);
  void take_large(Lane& lane, Batch& batch);
  bool take_part(Lane& lane, Batch& batch, const std::shared_ptr<Upload>& upload, std::size_t limit);

  BatchSettings settings_;
  UuidV7Sequence ids_;
  Lanes lanes_;
  std::size_t in_flight_ = 0;
  Clock::time_point gap_until_{};
};

}  // namespace comporta::gateway
