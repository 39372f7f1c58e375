#include "services/cache/reactions/call_trace.h"

namespace comporta {
namespace {

constexpr int kFirstError = 400;

}  // namespace

Span begin_call_span(std::string_view traceparent, const Reaction& reaction, const std::string& method,
                     bool is_upload) {
  const char* const name = is_upload ? "outcome" : "react";
  Span span = span_below(traceparent, name, SpanKind::kClient, WallClock::now());
  span.add("http.request.method", method);
  if (!is_upload) span.add("server.address", reaction.declared.address.host);
  span.add("comporta.kind", reaction.kind);
  span.add("comporta.reaction", reaction.name);
  return span;
}

std::string traceparent_of(const Span& span) {
  return "00-" + span.trace + '-' + span.id + "-01";
}

void end_call_span(Span& span, const IncomingAnswer& answer) {
  span.end = WallClock::now();
  span.failed = answer.status == 0 || answer.status >= kFirstError;
  if (answer.status != 0) span.add("http.response.status_code", std::int64_t{answer.status});
  if (answer.status == 0) span.add("error.type", answer.fault);
}

}  // namespace comporta
