#pragma once
// From the broker to the object store: one message becomes one object, byte for byte. A message that cannot
// have an object's name, or has nothing in it, is parked whole; nothing else is ever given up.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/backoff.h"
#include "common/broker/consume_loop.h"
#include "common/telemetry/metrics.h"
#include "common/traces/span.h"
#include "services/storage/object_store.h"

namespace comporta {

struct ArchiveSettings {
  std::size_t puts_in_flight = 8;
  std::chrono::milliseconds retry_first{100};        ///< pause after a failure, doubled up to
  std::chrono::milliseconds retry_limit{10'000};     ///< this
  std::chrono::milliseconds probe_interval{10'000};  ///< an idle store is asked whether it is there
};

/// Settles a message after the store said that its object is written. When the store fails, everything
/// pauses, the store is prepared anew, and what failed goes first; one log line for each outage.
/// One thread, but for store_reachable().
class Archive final : public DeliveryHandler {
 public:
  /// The writer must outlive the archive, and so must `spans`, which are null where traces are off.
  Archive(ObjectWriter& writer, const ArchiveSettings& settings, Metrics& metrics, SpanSink* spans = nullptr);

  void take(Delivery delivery) override;
  /// From a failed write on not before one succeeds: the same one again, or one of the store's own when its
  /// message has been given back (ObjectWriter::start_prepare()), as at the start.
  bool ready() const override { return reachable_; }
  std::vector<Settlement> work(int broker_fd, std::chrono::milliseconds limit) override;
  std::size_t unsettled() const override;
  void forget() override;

  /// The same, for any thread. A store with nothing to do is only asked whether it is there.
  bool store_reachable() const { return reachable_; }

 private:
  using Clock = std::chrono::steady_clock;

  struct Job {
    std::uint64_t tag;
    std::shared_ptr<const NewObject> object;
    std::uint64_t records;
    Clock::time_point started = {};
    WallClock::time_point begin = {};  ///< of the first attempt; where traces are on
    bool failed_before = false;
    bool forgotten = false;
  };

  enum class Store { kUnknown, kPreparing, kReady, kPaused };

  void park(Delivery delivery, std::string reason);
  void start_what_may_start();
  std::uint64_t new_prepare();
  void start_puts();
  std::chrono::milliseconds waiting_time(std::chrono::milliseconds limit) const;
  void end(const StoreResult& result);
  void end_prepare(const StoreResult& result);
  void end_put(Job job, const StoreResult& result);
  void count(const Job& job) const;
  void trace(const Job& job) const;
  void pause(const std::string& fault);
  void end_outage();
  bool is_retrying() const;

  ObjectWriter& writer_;
  const ArchiveSettings settings_;
  SpanSink* const spans_;
  std::deque<Job> waiting_;
  std::map<std::uint64_t, Job> in_flight_;  ///< by the writer's token
  std::vector<Settlement> settled_;
  std::uint64_t last_token_ = 0;

  Store store_ = Store::kUnknown;
  std::uint64_t prepare_token_ = 0;
  Clock::time_point paused_until_ = {};
  Clock::time_point last_answer_ = {};
  Backoff backoff_;
  bool outage_ = false;
  std::atomic<bool> reachable_{false};

  Counter objects_;
  Counter object_bytes_;
  Counter records_;
  Counter errors_;
  Histogram put_seconds_;
  Histogram stored_seconds_;
  Gauge in_flight_gauge_;
};

}  // namespace comporta
