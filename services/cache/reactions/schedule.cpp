#include "services/cache/reactions/schedule.h"

#include <algorithm>

namespace comporta {

std::chrono::milliseconds pause_behind(std::int64_t tries, std::chrono::milliseconds first, double draw) {
  constexpr double kLongest = 3'600'000;
  double pause = static_cast<double>(first.count());
  for (std::int64_t i = 1; i < tries && pause < kLongest; ++i) pause *= 3;
  pause = std::min(pause, kLongest) * (0.75 + draw / 2);
  return std::chrono::milliseconds(static_cast<std::int64_t>(pause));
}

}  // namespace comporta
