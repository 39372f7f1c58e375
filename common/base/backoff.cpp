#include "common/base/backoff.h"

#include <algorithm>
#include <random>

namespace comporta {

Backoff::Backoff(std::chrono::milliseconds first, std::chrono::milliseconds limit)
    : first_(first), limit_(limit), current_(first) {}

std::chrono::milliseconds Backoff::next() {
  thread_local std::minstd_rand random{std::random_device{}()};
  std::uniform_int_distribution<std::chrono::milliseconds::rep> pause(current_.count() / 2, current_.count());
  const std::chrono::milliseconds chosen{pause(random)};
  current_ = std::min(current_ * 2, limit_);
  return chosen;
}

void Backoff::reset() {
  current_ = first_;
}

}  // namespace comporta
