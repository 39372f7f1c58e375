#pragma once
// What a daemon's private port answers: /livez, /readyz, /metrics.

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "common/http/server.h"
#include "common/telemetry/metrics.h"
#include "common/telemetry/process_metrics.h"

namespace comporta {

class OperationsApi {
 public:
  explicit OperationsApi(Metrics& metrics) : metrics_(metrics), process_(metrics) {}

  /// Adds a condition of readiness. It must be quick.
  void ready_when(std::string name, std::function<bool()> condition);
  /// From now on not ready. No condition is called any more once this has returned.
  void stop();
  /// Any thread. /livez: 200 while the process answers at all. /readyz: 200 `{"ready":true}`, or 503
  /// `{"ready":false,"unmet":["broker"]}` with the names of the conditions that do not hold.
  HttpResponse answer(const HttpRequest& request) const;

 private:
  struct Condition {
    std::string name;
    std::function<bool()> holds;
    Gauge gauge;  ///< as it was when it was looked at last
  };

  std::vector<std::string> unmet() const;
  HttpResponse readiness() const;

  Metrics& metrics_;
  const ProcessMetrics process_;
  mutable std::mutex mutex_;
  std::vector<Condition> conditions_;
  bool stopping_ = false;
};

}  // namespace comporta
