#pragma once
// Group commit: which parts go out together, and when. Pure: one thread, no clock of its own.
//
// The rule (docs/ARCHITECTURE.md, "Group commit"; measured, docs/PERFORMANCE.md): what has to be saved is
// the object written, not the confirm waited for. So
//  - a batch that is not full goes out only when nothing is in flight;
//  - full batches go out at once, a few at a time;
//  - the next one that is not full waits until everyone seems to be back: as many uploads as the last one
//    ended, whose senders are about to come again, and as were waiting when it landed; but no longer than a
//    short gap after the last one went out, the longer the more they are, and the larger.
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

#include "common/base/uuid.h"
#include "services/ingest-gateway/upload.h"

namespace comporta::gateway {

struct BatchSettings {
  std::size_t max_in_flight = 4;              ///< full batches
  std::chrono::microseconds max_gap{60'000};  ///< 0: none
  // The gap is as long as a machine of two cores is busy with what is awaited: a load that comes evenly is
  // merged the more the nearer it comes to what the machine can do, and a low one not at all. These are of
  // the machine to which slow_down() compares.
  std::chrono::microseconds longest_gap{20'000};
  std::chrono::microseconds gap_per_upload{125};
  std::chrono::microseconds gap_per_mebibyte{25'000};
};

/// One message to be: its lines and who waits for it.
struct Batch {
  std::string id;  ///< UUIDv7; those of a batcher sort in the order in which they go out
  std::string kind;
  std::string body;
  std::size_t parts = 0;
  std::size_t records = 0;
  std::size_t ended = 0;                         ///< uploads of which it has the last part
  std::vector<std::shared_ptr<Upload>> uploads;  ///< one entry a part
  bool is_traced = false;                        ///< one of them is sampled

  /// Somebody still waits for one of them.
  bool is_awaited() const;
};

class Batcher {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Batcher(const BatchSettings& settings) : settings_(settings) {}

  void add(std::shared_ptr<Upload> upload);

  /// The next batch that may go out now. It counts as in flight from here on. `now` is a time that has come.
  std::optional<Batch> next(Clock::time_point now);
  /// A batch is confirmed, or will never be.
  void landed();
  /// Gaps are so many times as long from here on, up to max_gap (slowness.h).
  void slow_down(double factor) { slowness_ = factor; }

  /// When next() may give one without add() or landed() in between; nothing: never.
  std::optional<Clock::time_point> due() const;
  bool empty() const;
  /// The end: every upload of which something has not gone out; nothing waits any more.
  std::vector<std::shared_ptr<Upload>> take_all();

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
  std::size_t waiting() const;
  std::size_t waiting_bytes() const;
  Clock::time_point gap_end() const;
  bool take_part(Lane& lane, Batch& batch, const std::shared_ptr<Upload>& upload, std::size_t limit);

  BatchSettings settings_;
  UuidV7Sequence ids_;
  Lanes lanes_;
  std::size_t in_flight_ = 0;
  std::size_t awaited_ = 0;  ///< uploads: ended by what went out last, or waiting when it landed
  std::size_t awaited_bytes_ = 0;
  Clock::time_point last_out_{};
  double slowness_ = 1;
};

}  // namespace comporta::gateway
