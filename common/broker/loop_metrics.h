#pragma once
// What the consume loop counts.

#include <chrono>

#include "common/broker/ack_ledger.h"
#include "common/telemetry/metrics.h"

namespace comporta {

struct LoopMetrics {
  explicit LoopMetrics(Metrics& metrics)
      : deliveries(metrics.counter("comporta_deliveries_total", "Messages taken from the broker.")),
        redeliveries(metrics.counter("comporta_redeliveries_total", "Messages taken that came before.")),
        acknowledged(metrics.counter("comporta_acknowledged_total", "Messages done with.")),
        unsettled(metrics.gauge("comporta_unsettled_messages", "Messages taken and not done with.")),
        oldest(metrics.gauge(
            "comporta_oldest_unsettled_timestamp_seconds",
            "When the oldest message that is taken and not done with was published; 0: none is.")),
        parked(metrics.counter("comporta_parked_total", "Parts put aside in the dead queue.")),
        records_parked(metrics.counter("comporta_records_parked_total",
                                       "Records in what was put aside in the dead queue.")),
        reconnects(metrics.counter("comporta_broker_reconnects_total", "Connections after the first.")) {}

  void note_unsettled(const AckLedger& ledger) const {
    unsettled.set(static_cast<double>(ledger.open()));
    const auto published = ledger.oldest().value_or(WallClock::time_point{});
    oldest.set(std::chrono::duration<double>(published.time_since_epoch()).count());
  }

  Counter deliveries;
  Counter redeliveries;
  Counter acknowledged;
  Gauge unsettled;
  Gauge oldest;
  Counter parked;
  Counter records_parked;
  Counter reconnects;
};

}  // namespace comporta
