#pragma once
// `Prefer: wait=5` (RFC 7240): how long a client would rather wait for an answer than be told to come again.

#include <chrono>

#include "common/http/server.h"

namespace comporta {

/// As it is first said, whatever it is; 0 if it is not, or not with a whole number of seconds.
std::chrono::seconds preferred_wait(const HttpRequest& request);

}  // namespace comporta
