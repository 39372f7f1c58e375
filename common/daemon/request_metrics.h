#pragma once
// What is asked of a daemon, as it answers it: by kind and status, and how long it takes.

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "common/http/server.h"
#include "common/kinds/kind.h"
#include "common/telemetry/metrics.h"

namespace comporta {

class RequestMetrics {
 public:
  RequestMetrics(const KindSet& kinds, Metrics& metrics);

  /// Counts the request when it is answered. Any thread.
  void count(const HttpRequest& request, Responder& responder) const;

 private:
  /// By status; 0 is all that have none here.
  using ByStatus = std::map<int, Counter>;
  const ByStatus& of(std::string_view path) const;

  std::map<std::string, ByStatus, std::less<>> kinds_;  ///< empty: of no kind
  Histogram seconds_;
};

}  // namespace comporta
