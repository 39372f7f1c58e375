#pragma once
// Since when something waits for a consumer: in its hands, or in the queue.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "common/base/uuid.h"
#include "common/broker/ack_ledger.h"

namespace comporta {

/// One thread, but for since().
class Waiting {
 public:
  /// Whether it is time to ask the broker how many messages are in the queue. A standby, which is given
  /// nothing, knows of what waits by that alone.
  bool is_to_ask() {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return false;
    next_ = now + kPeriod;
    return true;
  }
  void note_queued(std::uint64_t messages) {
    if (messages == 0)
      queued_since_.reset();
    else if (!queued_since_)
      queued_since_ = WallClock::now();
  }
  void note_taken(const AckLedger& ledger) {
    since_ = ledger.oldest().value_or(queued_since_.value_or(WallClock::time_point{}));
  }
  /// The connection is gone.
  void lost() {
    queued_since_.reset();
    since_ = WallClock::time_point{};
  }

  /// When the oldest was published of what is taken and not done with; or else, since when messages have
  /// waited in the queue; nothing: none does, as far as is known. Any thread.
  std::optional<WallClock::time_point> since() const {
    const WallClock::time_point since = since_;
    return since == WallClock::time_point{} ? std::nullopt : std::optional(since);
  }

 private:
  static constexpr std::chrono::milliseconds kPeriod{1'000};

  std::chrono::steady_clock::time_point next_;
  std::optional<WallClock::time_point> queued_since_;
  std::atomic<WallClock::time_point> since_;  ///< the epoch: nothing waits
};

}  // namespace comporta
