#pragma once
// W3C Trace Context, level 1: the `traceparent` header.

#include <string>
#include <string_view>

namespace comporta {

/// The caller's `traceparent` with a new span id in it; a wholly new one when the header is missing or
/// malformed (the specification says to restart the trace then).
std::string continue_trace(std::string_view traceparent);
/// The 32 hexadecimal digits of the trace id in a well-formed traceparent; empty otherwise.
std::string_view trace_id(std::string_view traceparent);

}  // namespace comporta
