#pragma once
// Random bits fit for names that nobody can guess.

#include <cstdint>
#include <span>

namespace comporta {

/// Fills `out` (at most 256 bytes) with bits from the operating system, fetched for each thread in blocks.
/// Any thread. Not to be used on both sides of a fork().
void random_bytes(std::span<std::uint8_t> out);

}  // namespace comporta
