#include "services/ingest-gateway/upload_trace.h"

#include <utility>

#include "common/telemetry/trace.h"

namespace comporta::gateway {
namespace {

constexpr int kServerError = 500;

/// What nginx says where it has begun the trace itself, to have an id for its log: nobody has decided
/// anything then, and no span is above.
constexpr std::string_view kBegins = "trace-begins";

bool begins_here(const HttpRequest& request) {
  return !request.header(kBegins).empty();
}

}  // namespace

Sampling sampling_of(const HttpRequest& request, bool is_known, const TraceSampling& sampling) {
  Sampling made = sampling.of(is_known);
  made.callers_decide &= !begins_here(request);
  return made;
}

UploadTrace::UploadTrace(SpanSink& spans, std::string traceparent, const HttpRequest& request,
                         TracedRoute route, Responder& responder)
    : spans_(spans), traceparent_(std::move(traceparent)), step_(WallClock::now()) {
  const std::string_view caller = begins_here(request) ? std::string_view() : request.header("traceparent");
  responder.when_answered([&spans, own = traceparent_, parent = std::string(span_id(caller)),
                           method = request.method, route = std::move(route), begin = step_](int status) {
    Span span = span_of(own, parent, method + ' ' + route.route, SpanKind::kServer, begin);
    span.add("http.request.method", method);
    span.add("http.route", route.route);
    span.add("http.response.status_code", std::int64_t{status});
    span.add("comporta.kind", route.kind);
    span.failed = status >= kServerError;
    spans.take(std::move(span));
  });
}

void UploadTrace::checked(const PartHeader* upload, std::size_t records) {
  if (std::exchange(is_checked_, true)) return;
  Span span = span_below(traceparent_, "check", SpanKind::kInternal, step_);
  step_ = span.end;
  if (upload != nullptr) {
    span.add("comporta.upload", upload->upload);
    span.add("comporta.parts", upload->parts);
    span.add("comporta.records", records);
  }
  spans_.take(std::move(span));
}

void UploadTrace::published(std::string_view batch) {
  const auto found = sendings_.find(batch);
  if (found != sendings_.end()) {
    ++found->second.parts;
    return;
  }
  const WallClock::time_point now = WallClock::now();
  sendings_.emplace(batch, Sending{now, 1});
  if (std::exchange(waits_, false)) spans_.take(span_below(traceparent_, "wait", SpanKind::kInternal, step_));
}

void UploadTrace::landed(std::string_view batch, std::string_view exchange, bool accepted) {
  const auto found = sendings_.find(batch);
  if (found == sendings_.end()) return;  // told of another part in it
  Span span = span_below(traceparent_, "publish", SpanKind::kProducer, found->second.begin);
  span.add("messaging.system", "rabbitmq");
  span.add("messaging.operation.name", "publish");
  span.add("messaging.operation.type", "send");
  span.add("messaging.destination.name", exchange);
  span.add("messaging.message.id", batch);
  span.add("comporta.parts", found->second.parts);
  span.failed = !accepted;
  sendings_.erase(found);
  spans_.take(std::move(span));
}

}  // namespace comporta::gateway
