#pragma once
// The span of one call because of a record whose upload is sampled. Pure.

#include <string>
#include <string_view>

#include "common/http_client/client.h"
#include "common/traces/span.h"
#include "services/cache/reactions/call.h"

namespace comporta {

/// It begins now: `react` asks somebody, `outcome` uploads what they said. `traceparent` is that of the part.
Span begin_call_span(std::string_view traceparent, const Reaction& reaction, const std::string& method,
                     bool is_upload);
/// For what is done because of the call.
std::string traceparent_of(const Span& span);
/// It ends now.
void end_call_span(Span& span, const IncomingAnswer& answer);

}  // namespace comporta
