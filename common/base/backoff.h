#pragma once
// Growing pauses between attempts, with jitter, so that many daemons do not knock together.

#include <chrono>

namespace comporta {

class Backoff {
 public:
  /// From `first`, doubled each time up to `limit`; each pause is between half of it and all of it.
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds limit);
  std::chrono::milliseconds next();
  void reset();

 private:
  std::chrono::milliseconds first_;
  std::chrono::milliseconds limit_;
  std::chrono::milliseconds current_;
};

}  // namespace comporta
