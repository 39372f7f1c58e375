#include "common/daemon/operations_api.h"

#include "common/base/text.h"
#include "common/http/problem_response.h"

namespace comporta {

void OperationsApi::ready_when(std::string name, std::function<bool()> condition) {
  const std::lock_guard lock(mutex_);
  const Gauge gauge = metrics_.gauge("comporta_ready", "1 while a condition of readiness holds, otherwise 0.",
                                     {{"condition", name}});
  conditions_.push_back({std::move(name), std::move(condition), gauge});
}

void OperationsApi::stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  for (const Condition& condition : conditions_) condition.gauge.set(0);
  conditions_.clear();
}

/// Looks at all conditions, and sets their gauges.
std::vector<std::string> OperationsApi::unmet() const {
  const std::lock_guard lock(mutex_);
  if (stopping_) return {"stopping"};
  std::vector<std::string> names;
  for (const auto& [name, holds, gauge] : conditions_) {
    const bool met = holds();
    gauge.set(met ? 1 : 0);
    if (!met) names.push_back(name);
  }
  return names;
}

HttpResponse OperationsApi::readiness() const {
  const std::vector<std::string> names = unmet();
  if (names.empty()) return {.body = "{\"ready\":true}\n"};
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ",") + json_string(name);
  return {.status = 503, .body = "{\"ready\":false,\"unmet\":[" + list + "]}\n"};
}

HttpResponse OperationsApi::answer(const HttpRequest& request) const {
  const std::string& path = request.path;
  if (path != "/livez" && path != "/readyz" && path != "/metrics") {
    return problem_response(not_found("Known here: /livez, /readyz, /metrics"), path, "");
  }
  if (!request.is_read()) return problem_response(method_not_allowed("GET, HEAD"), path, "");
  if (path == "/readyz") return readiness();
  if (path == "/livez") return {.body = "{\"live\":true}\n"};
  process_.look();
  unmet();
  return {.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = metrics_.render()};
}

}  // namespace comporta
