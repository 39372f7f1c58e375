#pragma once
// What every program tells of its process, by the names that Prometheus' own clients have for it. Linux.

#include "common/telemetry/metrics.h"

namespace comporta {

class ProcessMetrics {
 public:
  explicit ProcessMetrics(Metrics& metrics);
  /// Sets them to what is so now. One thread.
  void look() const;

 private:
  Gauge start_time_;
  Counter cpu_;
  Gauge memory_;
  Gauge files_;
};

}  // namespace comporta
