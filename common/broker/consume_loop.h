#pragma once
// Consuming from one queue: effect first, acknowledgement after. Shared by storage and cache.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/uuid.h"
#include "common/broker/connection.h"
#include "common/telemetry/metrics.h"

namespace comporta {

/// Something that can never be processed, to be kept aside with its reason.
struct Parked {
  std::string message_id;
  std::string type;
  std::string body;            ///< the line, or the whole message where it has no lines
  std::string reason;          ///< never quotes the body
  bool is_whole = false;       ///< all of the message that it came in
  std::uint64_t attempts = 1;  ///< times that it was delivered, as far as the broker counts them
  std::uint64_t records = 0;   ///< in it, as far as that is known
};

/// The whole message, parked.
Parked parked_whole(Delivery delivery, std::string reason);

/// A delivery is done with: acknowledge it, after everything in `parked` is confirmed at the dead exchange.
struct Settlement {
  std::uint64_t tag;
  std::vector<Parked> parked = {};
};

/// What a daemon does with deliveries. Used by one thread.
class DeliveryHandler {
 public:
  virtual ~DeliveryHandler() = default;

  /// Takes a delivery; it is settled by a later work(). Does no slow work and does not throw.
  virtual void take(Delivery delivery) = 0;
  /// Goes on with what was taken and returns what is settled since the last call. Waits at most `limit`
  /// when there is nothing to go on with at once, and returns early when `broker_fd` becomes readable.
  /// A dependency that is away is not an error: the handler keeps its deliveries and tries again after a
  /// pause of its own. Never longer than a second, so that the heartbeats go on.
  virtual std::vector<Settlement> work(int broker_fd, std::chrono::milliseconds limit) = 0;
  /// Whether what it depends on took what was last written to it: at first, and after a write that failed and
  /// whose message was given back, something small of the handler's own. To be reached, or read, is not
  /// enough. Consuming begins only then, so that an outage, however long, takes a message out of the queue
  /// and back once: one held by a daemon that can do nothing with it would look as if it were to blame.
  virtual bool ready() const = 0;
  /// Deliveries taken and not yet settled.
  virtual std::size_t unsettled() const = 0;
  /// The connection is lost: whatever was taken will be delivered again under new tags. Completions of
  /// work in flight must not be reported any more.
  virtual void forget() = 0;
  /// Nothing has come for a while: gives back memory that is only kept to be fast.
  virtual void rest() {}
};

struct ConsumeSettings {
  std::string queue;
  std::uint16_t prefetch = 32;
  std::chrono::milliseconds drain_limit{20'000};  ///< to finish what was taken, when told to stop
  /// What comes first is done with first, also by another one that takes over (in_turn.h).
  bool in_order = false;
  /// Returns to the queue after which a message is parked unseen: nobody who took it has lived to settle it.
  /// Returns that this process has lived through are not counted.
  std::uint64_t crash_limit = 10;
};

class ConsumeLoop {
 public:
  /// The handler must outlive the loop.
  ConsumeLoop(BrokerSettings broker, ConsumeSettings settings, std::string name, DeliveryHandler& handler,
              Metrics& metrics);
  ~ConsumeLoop();
  ConsumeLoop(const ConsumeLoop&) = delete;
  ConsumeLoop& operator=(const ConsumeLoop&) = delete;

  /// Runs until stop(), reconnecting with growing pauses, one log line per outage. Finishes what was
  /// taken before it returns. The caller gives it a thread.
  ///
  /// The first message is taken alone, and so are those that came back to the queue some times (taking.h, or
  /// in_turn.h where the order counts): should one of them end the process, it is that one which is parked
  /// (crash_limit), and not its neighbours.
  void run();
  void stop();             ///< any thread
  bool connected() const;  ///< any thread
  /// When the oldest was published of what was taken and is not done with; or else, since when messages have
  /// waited in the queue that do not come here. Nothing: none waits, as far as is known. Any thread.
  std::optional<WallClock::time_point> behind_since() const;
  /// Any thread, some times a second: cuts off what the broker has not read for half a heartbeat.
  void watch();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace comporta
