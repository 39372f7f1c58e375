#pragma once
// What the publisher counts.

#include <cstdint>
#include <map>
#include <string>

#include "common/telemetry/metrics.h"

namespace comporta::gateway {

/// Of that kind. Where it is there from the start, its first record is seen as one more.
inline Counter accepted_records(Metrics& metrics, const std::string& kind) {
  return metrics.counter("comporta_records_accepted_total", "Records that the broker confirmed.",
                         {{"kind", kind}});
}

/// One thread.
class PublisherMetrics {
 public:
  explicit PublisherMetrics(Metrics& metrics)
      : batches_published(metrics.counter("comporta_batches_published_total", "Messages published")),
        batches_republished(metrics.counter("comporta_batches_republished_total",
                                            "Messages published again after a lost connection")),
        uploads_accepted(metrics.counter("comporta_uploads_accepted_total", "Uploads the broker confirmed")),
        uploads_unconfirmed(metrics.counter("comporta_uploads_unconfirmed_total",
                                            "Uploads answered 503 because the broker did not confirm them")),
        parts_per_batch(metrics.histogram("comporta_batch_parts", "Parts in a message",
                                          {1, 2, 4, 8, 16, 32, 64, 128, 256})),
        confirm_seconds(metrics.histogram("comporta_confirm_seconds", "From publish to the broker's confirm",
                                          {.0005, .001, .002, .005, .01, .02, .05, .1, .25, 1, 5})),
        metrics_(metrics) {}

  void count_accepted(const std::string& kind, std::size_t records) {
    auto found = records_accepted_.find(kind);
    if (found == records_accepted_.end())
      found = records_accepted_.emplace(kind, accepted_records(metrics_, kind)).first;
    found->second.add(static_cast<double>(records));
  }
  void note_depth(const std::string& queue, std::uint64_t messages) const {
    metrics_
        .gauge("comporta_queue_messages", "Messages that wait in a queue, as the broker says.",
               {{"queue", queue}})
        .set(static_cast<double>(messages));
  }

  Counter batches_published;
  Counter batches_republished;
  Counter uploads_accepted;
  Counter uploads_unconfirmed;
  Histogram parts_per_batch;
  Histogram confirm_seconds;

 private:
  Metrics& metrics_;
  std::map<std::string, Counter> records_accepted_;  ///< by kind
};

}  // namespace comporta::gateway
