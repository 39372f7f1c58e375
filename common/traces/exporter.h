#pragma once
// Brings spans to a receiver, by OTLP over HTTP, from a thread of its own. Whoever makes spans waits for
// nothing: what the receiver does not take in time is dropped, and counted.

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/http_client/client.h"
#include "common/telemetry/metrics.h"
#include "common/traces/otlp_json.h"
#include "common/traces/settings.h"
#include "common/traces/span.h"

namespace comporta {

/// Counted whether spans are made or not.
struct SpanCounters {
  explicit SpanCounters(Metrics& metrics);
  Counter sent;
  Counter dropped;
};

class SpanExporter final : public SpanSink {
 public:
  /// In one request.
  static constexpr std::size_t kMostInBatch = 512;

  /// `settings` name an endpoint.
  SpanExporter(const TraceSettings& settings, SpanSource source, const SpanCounters& counters);
  /// Sends what waits, for a second at most; the rest is dropped.
  ~SpanExporter() override;
  SpanExporter(const SpanExporter&) = delete;
  SpanExporter& operator=(const SpanExporter&) = delete;

  /// Dropped when as many wait as may.
  void take(Span span) override;

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  std::vector<Span> next_batch();
  void send(const std::vector<Span>& batch);
  IncomingAnswer post(std::string body);
  bool is_over(Clock::time_point now);
  void note_receiver(const std::string& fault);

  const std::string url_;
  const SpanSource source_;
  const std::size_t max_waiting_;
  const SpanCounters counters_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Span> waiting_;
  Clock::time_point ends_ = Clock::time_point::max();  ///< from when on nothing is waited for

  HttpClient client_;  ///< the thread's own, and so is the next
  bool is_away_ = false;
  std::thread thread_;  ///< last: starts when all else is there
};

}  // namespace comporta
