#pragma once
// W3C Trace Context, level 1: the `traceparent` header.

#include <cstddef>
#include <string>
#include <string_view>

namespace comporta {

/// Whether the spans of a trace are kept (docs/OPERATIONS.md, "Traces"). A plain value.
struct Sampling {
  double ratio = 0;            ///< of the traces about which no caller decides; 0 to 1
  bool callers_decide = true;  ///< by the flag of a well-formed traceparent, either way
};

/// The caller's `traceparent` with a new span id in it; a wholly new one when the header is missing or
/// malformed (the specification says to restart the trace then).
std::string continue_trace(std::string_view traceparent, const Sampling& sampling = {});
/// The 32 hexadecimal digits of the trace id in a well-formed traceparent; empty otherwise.
std::string_view trace_id(std::string_view traceparent);
/// The same of the 16 of the span id.
std::string_view span_id(std::string_view traceparent);
/// Of a traceparent as continue_trace() writes it, and of no other: its spans are kept. Looks at one byte.
inline bool is_sampled(std::string_view traceparent) {
  constexpr std::size_t kWrittenLength = 55;
  return traceparent.size() == kWrittenLength && traceparent.back() == '1';
}
/// 16 hexadecimal digits, not all zero, drawn.
std::string new_span_id();

}  // namespace comporta
