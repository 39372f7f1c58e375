#pragma once
// What the cache does with deliveries: it takes as many as are there, applies them to the store in one
// step, and settles them. One thread, except store_available().

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/backoff.h"
#include "common/broker/consume_loop.h"
#include "common/kinds/kind.h"
#include "common/telemetry/metrics.h"
#include "common/traces/span.h"
#include "services/cache/apply/group.h"
#include "services/cache/apply/part_line.h"
#include "services/cache/apply/view_store.h"

namespace comporta {

/// A group is closed by whichever it reaches first. Redis serves nobody else while it applies one, so it
/// stays at some tens of milliseconds. One message is always taken, whatever its size.
struct GroupLimits {
  std::size_t messages = 32;
  std::size_t bytes = std::size_t{2} << 20;
  std::size_t records = 10'000;
};

/// Parts that cannot be read, are of an unknown kind, in conflict or of no use to their views are parked
/// alone. While the store is away the deliveries are kept in their order and tried again with growing pauses.
class Projector : public DeliveryHandler {
 public:
  /// All must outlive the projector. `spans` is null where traces are off.
  Projector(const KindSet& kinds, ViewStore& store, Metrics& metrics, GroupLimits limits = {},
            SpanSink* spans = nullptr);

  void take(Delivery delivery) override;
  /// From a failed step on not before one succeeds, or, when its messages have been given back, the store
  /// says that it takes what is written (ViewStore::go_on()), as at the start.
  bool ready() const override { return available_; }
  std::vector<Settlement> work(int broker_fd, std::chrono::milliseconds limit) override;
  std::size_t unsettled() const override { return waiting_.size(); }
  void forget() override;
  void rest() override;

  /// Any thread: whether the store answered the last time it was asked, once a second when there is nothing
  /// to do.
  bool store_available() const { return available_; }

 private:
  using Clock = std::chrono::steady_clock;
  /// A line of the group's deliveries: the part it became, or why it did not.
  struct Line {
    std::size_t delivery;  ///< of those that were read
    std::string_view text;
    std::string fault = {};
    bool is_whole = false;    ///< all of the message
    std::size_t records = 0;  ///< of the part
  };

  /// Deliveries that have been read, one behind the other, to be applied in one step.
  struct Reading {
    Group group;
    std::vector<Line> lines;
    std::size_t messages = 0;
    std::size_t bytes = 0;
    bool full = false;                 ///< nothing is added any more
    WallClock::time_point begin = {};  ///< of the first attempt to apply it; where traces are on

    void clear();
  };

  struct Counters {
    Counters(const KindSet& kinds, Metrics& metrics);
    Counter parts_applied;
    Counter parts_repeated;
    Counter parts_failed;
    std::map<std::string, Counter, std::less<>> records_applied;  ///< by kind
    Counter records_repeated;
    Counter records_forbidden;
    Counter redis_errors;
    Histogram apply_seconds;
    Histogram applied_seconds;
    Histogram group_messages;
  };

  void read_on(Reading& reading, std::size_t first);
  const Group* read_next();
  bool is_full(const Reading& reading, const Delivery& next) const;
  void read_delivery(Reading& reading, const Delivery& delivery);
  static void read_line(Reading& reading, std::string_view text, PartReader* reader);
  std::vector<Settlement> apply_group();
  std::vector<Settlement> settle(const std::vector<PartResult>& results);
  std::string count_result(const PartResult& result, const Part& part);
  void count_applied(const PartResult& result, const Part& part);
  void trace(const PartResult& result, const Part& part, const Delivery& delivery) const;
  void go_on_when_idle();
  void store_failed(const char* why);
  void store_answered();

  std::map<std::string, PartReader, std::less<>> readers_;
  ViewStore& store_;
  SpanSink* const spans_;
  GroupLimits limits_;
  Counters counters_;
  std::deque<Delivery> waiting_;
  Reading current_;  ///< of the first of waiting_
  Reading next_;     ///< of those behind, read while Redis is busy with the current ones
  Backoff backoff_;
  Clock::time_point next_attempt_ = {};
  Clock::time_point next_ping_ = {};
  bool outage_logged_ = false;
  std::atomic<bool> available_{false};
};

}  // namespace comporta
