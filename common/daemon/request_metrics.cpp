#include "common/daemon/request_metrics.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace comporta {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kApi = "/api/v1/";
/// What is answered here; anything else is counted as `other`.
constexpr std::array kStatuses = {200, 202, 304, 400, 401, 403,         404, 405,
                                  409, 413, 415, 422, 429, kClientLeft, 500, 503};

}  // namespace

RequestMetrics::RequestMetrics(const KindSet& kinds, Metrics& metrics)
    : seconds_(metrics.histogram("comporta_http_request_seconds", "From a whole request to its answer.",
                                 {.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10})) {
  const auto add = [&](const std::string& kind) {
    const auto counter = [&](const std::string& code) {
      return metrics.counter("comporta_http_requests_total",
                             "Requests by kind and status; 499: their client left before the answer.",
                             {{"kind", kind}, {"code", code}});
    };
    ByStatus& by_status = kinds_[kind];
    for (const int status : kStatuses) by_status.emplace(status, counter(std::to_string(status)));
    by_status.emplace(0, counter("other"));
  };
  add("");
  for (const auto& [name, kind] : kinds.all()) add(name);
}

void RequestMetrics::count(const HttpRequest& request, Responder& responder) const {
  responder.when_answered([this, &by_status = of(request.path), begin = Clock::now()](int status) {
    const auto found = by_status.find(status);
    (found == by_status.end() ? by_status.at(0) : found->second).add();
    seconds_.observe(std::chrono::duration<double>(Clock::now() - begin).count());
  });
}

/// The kind stands third: `/api/v1/records/order/…`.
const RequestMetrics::ByStatus& RequestMetrics::of(std::string_view path) const {
  const auto nobody = kinds_.find("");
  if (!path.starts_with(kApi)) return nobody->second;
  path.remove_prefix(std::min(path.find('/', kApi.size()), path.size() - 1) + 1);
  const auto found = kinds_.find(path.substr(0, path.find('/')));
  return (found == kinds_.end() ? nobody : found)->second;
}

}  // namespace comporta
