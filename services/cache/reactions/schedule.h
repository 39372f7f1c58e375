#pragma once
// When somebody who did not answer is asked again. Pure.

#include <chrono>
#include <cstdint>

namespace comporta {

/// Each pause is three times the one before, an hour at most, and a quarter more or less, as `draw` (0 to 1)
/// says: with a first one of 3 s, eight tries take about an hour. `tries`: how many there were, from 1.
std::chrono::milliseconds pause_behind(std::int64_t tries, std::chrono::milliseconds first, double draw);

}  // namespace comporta
