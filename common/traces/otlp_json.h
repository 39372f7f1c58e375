#pragma once
// OTLP 1, its JSON over HTTP: what is sent to a receiver of spans, and what it says. Pure.
// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "common/traces/span.h"

namespace comporta {

/// Who has made the spans.
struct SpanSource {
  std::string service;   ///< `storage`
  std::string instance;  ///< of this process, and of no other
};

/// An ExportTraceServiceRequest, on one line. All texts are UTF-8.
std::string otlp_json(const SpanSource& source, std::span<const Span> spans);

/// How many the receiver has not taken though it answered 200; 0 if its answer does not say.
std::size_t rejected_spans(std::string_view answer);

}  // namespace comporta
