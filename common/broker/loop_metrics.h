#pragma once
// What the consume loop counts.

#include "common/telemetry/metrics.h"

namespace comporta {

struct LoopMetrics {
  explicit LoopMetrics(Metrics& metrics)
      : deliveries(metrics.counter("comporta_deliveries_total", "Messages taken from the broker.")),
        redeliveries(metrics.counter("comporta_redeliveries_total", "Messages taken that came before.")),
        acknowledged(metrics.counter("comporta_acknowledged_total", "Messages done with.")),
        parked(metrics.counter("comporta_parked_total", "Parts put aside in the dead queue.")),
        reconnects(metrics.counter("comporta_broker_reconnects_total", "Connections after the first.")),
        connected(metrics.gauge("comporta_broker_connected", "1 while consuming from the broker.")) {}

  Counter deliveries;
  Counter redeliveries;
  Counter acknowledged;
  Counter parked;
  Counter reconnects;
  Gauge connected;
};

}  // namespace comporta
