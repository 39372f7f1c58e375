#include "services/cache/lookups/circuit.h"

#include <algorithm>
#include <utility>

namespace comporta {

bool Circuit::try_begin(Clock::time_point now) {
  if (!is_open_) return true;
  if (is_tried_ || now < until_) return false;
  is_tried_ = true;
  return true;
}

std::chrono::milliseconds Circuit::left(Clock::time_point now) const {
  if (!is_open_) return std::chrono::milliseconds(0);
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(until_ - now), std::chrono::milliseconds(0));
}

bool Circuit::succeed() {
  failures_ = 0;
  is_tried_ = false;
  return std::exchange(is_open_, false);
}

bool Circuit::fail(Clock::time_point now) {
  if (failures_++ == 0) since_ = now;
  const bool opens = !is_open_ && failures_ >= kMostFailures;
  // Of those who were asked before it opened, some fail later: they put nothing off.
  if (opens || is_tried_) until_ = now + pause_;
  is_tried_ = false;
  is_open_ = is_open_ || opens;
  return opens;
}

}  // namespace comporta
