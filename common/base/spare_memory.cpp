#include "common/base/spare_memory.h"

#include <malloc.h>

namespace comporta {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kIdle{500};

// Larger pieces come from the system and go back at once; and so much is kept. Of one arena, for of others
// malloc_trim() does not give back what is free at their end.
constexpr int kLargestKept = 32 << 20;
constexpr int kKept = 64 << 20;

}  // namespace

void SpareMemory::keep() {
  // NOLINTBEGIN(concurrency-mt-unsafe): before the first thread
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_THRESHOLD, kLargestKept);
  mallopt(M_TRIM_THRESHOLD, kKept);
  // NOLINTEND(concurrency-mt-unsafe)
}

bool SpareMemory::is_due(bool has_work) {
  const Clock::time_point now = Clock::now();
  if (has_work) last_work_ = now;
  if (has_work || !last_work_ || now <= *last_work_ + kIdle) return false;
  last_work_.reset();
  return true;
}

void SpareMemory::give_back() {
  malloc_trim(0);
}

}  // namespace comporta
