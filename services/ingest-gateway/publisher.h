#pragma once
// The one thread that talks to the broker: batches go out, confirms come in, clients are answered.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "common/base/backoff.h"
#include "common/base/inbox.h"
#include "common/broker/connection.h"
#include "services/ingest-gateway/admission.h"
#include "services/ingest-gateway/batcher.h"
#include "services/ingest-gateway/in_flight.h"
#include "services/ingest-gateway/publisher_metrics.h"
#include "services/ingest-gateway/slowness.h"
#include "services/ingest-gateway/upload.h"

namespace comporta::gateway {

struct PublisherSettings {
  BatchSettings batches;
  std::size_t max_pending_bytes = std::size_t{128} << 20;  ///< that uploads hold, from their arrival on
  std::size_t max_pending_uploads = 1'000;                 ///< the same, counted
  BacklogLimits max_backlog;                               ///< ready in either queue
  std::chrono::milliseconds stuck_limit{5'000};            ///< a publish that blocks longer is cut off
};

/// Told of each upload whose every part the broker has confirmed, before its client is. Publisher's thread.
using UploadConfirmed = std::function<void(const Upload&, const std::string& receipt)>;

class Publisher final : public UploadQueue {
 public:
  Publisher(const BrokerSettings& broker, const PublisherSettings& settings, UploadConfirmed confirmed,
            Metrics& metrics);
  /// Ends the thread. What is still waiting is answered 503: drain the HTTP server first.
  ~Publisher() override;
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  std::string refusal() override;
  std::optional<Place> place(std::size_t bytes) override;
  void submit(std::shared_ptr<Upload> upload) override { inbox_.post(std::move(upload)); }

  bool connected() const { return connected_; }
  /// Why uploads are refused just now, all or some, in a sentence; empty: they are not. Any thread.
  std::string trouble() const;
  /// Uploads that it has not settled. Any thread.
  std::size_t pending() const { return pending_uploads_.held; }
  /// To be called now and then by another thread: frees the publisher when the broker has stopped reading
  /// in the middle of a publish, which no time-out of the library ends.
  void watch();

 private:
  void run();
  void work();
  void connect();
  void disconnect(const std::string& reason);
  void take_uploads();
  void publish_ready();
  void republish();
  void publish(Batch batch);
  void ask_for_depths(std::chrono::steady_clock::time_point now);
  void note_depth(const QueueDepth& depth);
  std::chrono::microseconds time_to_wait() const;

  void on_event(const AmqpEvent& event);
  void on_confirm(const Confirm& confirm);
  void note_verdict(bool accepted);
  void on_returned(const Returned& returned);
  void land(const Flight& flight, bool accepted);
  void confirm_parts(const Batch& batch);
  void give_up(const Batch& batch, const std::string& reason);
  void refuse(Upload& upload, const std::string& why);

  const BrokerSettings broker_;
  const PublisherSettings settings_;
  const Topology topology_;
  const UploadConfirmed confirmed_;

  Budget pending_bytes_;
  Budget pending_uploads_;
  Inbox<std::shared_ptr<Upload>> inbox_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> connected_{false};
  std::atomic<bool> blocked_{false};
  Admission admission_;
  std::atomic<std::int64_t> publishing_since_{0};  ///< steady clock, ns; 0: not publishing

  // The publisher's thread only.
  Batcher batcher_;
  Slowness slowness_;
  std::uint64_t next_tag_ = 1;     ///< of the connection's next publish
  InFlight in_flight_;             ///< on the connection
  std::deque<Batch> unconfirmed_;  ///< of a lost connection, to be published again
  std::chrono::steady_clock::time_point next_depth_{};
  std::chrono::steady_clock::time_point next_dead_depth_{};
  Backoff backoff_;
  bool outage_logged_ = false;
  Backoff refusals_;                                                   ///< how long a connection may refuse
  std::optional<std::chrono::steady_clock::time_point> reconnect_at_;  ///< set while the broker refuses

  std::mutex connection_mutex_;  ///< for watch(), which uses the connection of another thread
  std::unique_ptr<AmqpConnection> connection_;

  PublisherMetrics metrics_;

  std::thread thread_;  ///< last: starts when all else is there
};

}  // namespace comporta::gateway
