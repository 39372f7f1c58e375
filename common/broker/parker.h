#pragma once
// Keeps aside what can never be processed: publishes it, confirmed, to the dead exchange, with the headers
// `reason`, `queue` (where it came from), `parked_at` (RFC 3339), `attempts` and `scope` (`message`: the
// whole one, or `part`: a line of it).

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "common/base/backoff.h"
#include "common/broker/consume_loop.h"
#include "common/broker/unconfirmed.h"
#include "common/broker/watched_connection.h"
#include "common/telemetry/metrics.h"

namespace comporta {

/// Belongs to one thread, but for watch(). Publishes on a connection of its own, opened when there is
/// something to park.
class Parker {
 public:
  /// `queue` is the source: the routing key at the dead exchange.
  Parker(const BrokerSettings& broker, const std::string& name, const std::string& queue, Counter parked,
         Counter records);

  /// Takes a settlement that has something to park.
  void add(Settlement settlement);
  /// Goes on. Returns the tags of the deliveries of which everything is now confirmed; what the broker does
  /// not take is published again after growing pauses, for as long as it takes. Waits for nothing but a
  /// connection (its time-out) and a broker that does not read (until watch() or 15 s end it).
  std::vector<std::uint64_t> work();
  /// Nothing is left to park.
  bool idle() const { return waiting_.empty(); }
  /// The deliveries will come again: nothing of them needs to be reported any more.
  void forget();
  /// Any thread: cuts off a publish that the broker has not read for `limit`; it is tried again.
  void watch(std::chrono::milliseconds limit) { connection_.watch(limit); }

 private:
  struct Waiting {
    Settlement settlement;
    std::uint64_t last_tag = 0;  ///< of its last part on this connection; 0: not published on it
  };

  void connect();
  void publish_all();
  void publish(const Parked& parked);
  void take_answers();
  void confirm(const Confirm& confirm);
  std::vector<std::uint64_t> take_confirmed();
  void lose_connection(const char* reason);

  BrokerSettings broker_;
  std::string name_;
  std::string queue_;
  std::string dead_exchange_;
  Counter parked_;
  Counter records_;
  WatchedConnection connection_;
  bool blocked_ = false;
  bool failing_ = false;
  Backoff backoff_;
  std::chrono::steady_clock::time_point retry_at_{};
  std::deque<Waiting> waiting_;
  std::uint64_t last_tag_ = 0;
  Unconfirmed unconfirmed_;
};

}  // namespace comporta
