#pragma once
// What `--health` does: asks a running daemon's private port, so that an image needs no other program.

#include <chrono>
#include <cstdint>
#include <string>

namespace comporta {

struct Readiness {
  bool ready = false;
  std::string said;  ///< the body of the answer, without its line break: what is not ready
};

/// Asks http://address:port/readyz. Blocks no longer than `limit`. Throws TransientError when there is no
/// answer that is HTTP.
Readiness ask_readiness(const std::string& address, std::uint16_t port, std::chrono::milliseconds limit);

}  // namespace comporta
