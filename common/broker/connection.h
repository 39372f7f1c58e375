#pragma once
// One connection with one channel to a RabbitMQ broker, or to any node of a cluster. The only place that
// knows librabbitmq. A connection belongs to one thread, except abort() and watch().

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace comporta {

class Section;

struct BrokerSettings {
  std::string host = "127.0.0.1";  ///< of a cluster all, with commas; `b:5673` has a port of its own
  std::uint16_t port = 5672;       ///< of those hosts that name none
  std::string vhost = "/";
  std::string user = "guest";
  std::string password = "guest";
  std::chrono::milliseconds heartbeat{10'000};         ///< whole seconds
  std::chrono::milliseconds connect_timeout{3'000};    ///< also for each step of the handshake
  std::string queue_type = "quorum";                   ///< or classic
  std::size_t queue_max_bytes = std::size_t{4} << 30;  ///< a full queue refuses (nacks) what is published
  int delivery_limit = 1'000;                          ///< quorum only: the last net
  std::string prefix = "comporta";                     ///< of every exchange and queue
};

BrokerSettings read_broker_settings(const Section& section);

/// The names of the broker's objects: docs/ARCHITECTURE.md, "The broker's objects".
struct Topology {
  explicit Topology(const std::string& prefix);
  std::string records_exchange;  ///< fanout
  std::string dead_exchange;     ///< direct; the routing key is the source queue's name
  std::string storage_queue;
  std::string cache_queue;  ///< single active consumer
};

/// Of what is parked that came from the queue `source`.
std::string dead_queue_of(const std::string& source);

struct Publication {
  std::string exchange;
  std::string routing_key;
  std::string message_id;
  std::string type;
  std::string content_type = "application/x-ndjson";
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string_view body;    ///< borrowed for the call only
  bool compressed = false;  ///< on its way, where that makes it smaller; a consumer gets it as it was
};

struct Delivery {
  std::uint64_t tag = 0;
  bool redelivered = false;
  std::uint64_t delivery_count = 0;  ///< returns to the queue so far, where the broker counts them
  std::uint64_t records = 0;         ///< in it, as its header says; 0: it does not
  std::string message_id;
  std::string type;
  std::string body;
  std::string fault = {};  ///< why the body cannot be read; then it is as it came
};

/// The broker has taken (or refused) what was published under `tag`; `multiple`: and all before it.
struct Confirm {
  std::uint64_t tag;
  bool multiple;
  bool accepted;
};

/// A mandatory message found no queue. Its Confirm comes after this, and says accepted.
struct Returned {
  std::string message_id;
  std::string reason;
};

/// The broker takes nothing (memory or disk alarm) until the next one that says false.
struct Blocked {
  bool blocked;
};

/// Answer to request_depth(): messages ready in the queue.
struct QueueDepth {
  std::string queue;
  std::uint64_t messages;
};

/// Answer to consume(): the broker has the consumer.
struct Consuming {};

using AmqpEvent = std::variant<Delivery, Confirm, Returned, Blocked, QueueDepth, Consuming>;

class AmqpConnection {
 public:
  /// Connects, logs in, declares and binds the whole topology (every daemon does, each time: a fanout
  /// exchange with a queue missing confirms and loses). Of several addresses it takes the first that does all
  /// this, in an order drawn each time, so that daemons spread over a cluster. Throws TransientError when
  /// none does. `name` is shown by the management page.
  AmqpConnection(const BrokerSettings& settings, const std::string& name);
  ~AmqpConnection();
  AmqpConnection(const AmqpConnection&) = delete;
  AmqpConnection& operator=(const AmqpConnection&) = delete;

  /// Publisher confirms from now on; the first publish() then has tag 1.
  void enable_confirms();
  /// Persistent and mandatory. Returns its confirm tag. May block while the broker does not read, until
  /// abort() or the operating system's own limit (15 s) ends it. Throws TransientError.
  std::uint64_t publish(const Publication& publication);
  /// Asks for the number of messages ready in `queue`; QueueDepth comes as an event. A queue that is gone
  /// ends the connection (TransientError from next()): connecting again declares it.
  void request_depth(const std::string& queue);

  /// Asks to consume; at most `prefetch` deliveries are unacknowledged at a time. Consuming comes as an
  /// event, however long a busy broker takes; a queue that is not there ends the connection.
  void consume(const std::string& queue, std::uint16_t prefetch);
  /// Stops consuming; deliveries already on the way may still come.
  void stop_consuming();
  void ack(std::uint64_t tag, bool multiple);

  /// The next event, if there is one; never blocks. Also keeps the heartbeats: call it at least every
  /// quarter of the heartbeat. Throws TransientError when the connection, channel or consumer is gone.
  std::optional<AmqpEvent> next();
  /// Waits until next() may have something, `other_fd` (unless -1) is readable, or the time is over.
  void wait(int other_fd, std::chrono::microseconds limit);
  /// `host:port` of the node.
  const std::string& address() const;
  /// For waiting elsewhere, in a loop that first calls next() until it is empty.
  int fd() const;

  /// Any thread: makes whatever the connection's own thread is blocked in fail soon.
  void abort();
  /// Any thread: does so if the broker has not read for `limit` what its own thread has to say.
  void watch(std::chrono::milliseconds limit);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace comporta
