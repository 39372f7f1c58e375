#include "common/traces/span.h"

#include "common/telemetry/trace.h"

namespace comporta {

Span span_below(std::string_view traceparent, std::string_view name, SpanKind kind,
                WallClock::time_point begin) {
  Span span = span_of(traceparent, span_id(traceparent), name, kind, begin);
  span.id = new_span_id();
  return span;
}

Span span_of(std::string_view traceparent, std::string_view parent, std::string_view name, SpanKind kind,
             WallClock::time_point begin) {
  return {.trace = std::string(trace_id(traceparent)),
          .id = std::string(span_id(traceparent)),
          .parent = std::string(parent),
          .name = std::string(name),
          .kind = kind,
          .begin = begin,
          .end = WallClock::now()};
}

}  // namespace comporta
