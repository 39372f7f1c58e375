#include "services/ingest-gateway/admission.h"

#include <algorithm>

namespace comporta::gateway {
namespace {

constexpr std::uint64_t kShares = 256;

}  // namespace

void Admission::set_depth(std::uint64_t messages) {
  const std::uint64_t from = limit_ / 2;
  const std::uint64_t beyond = std::clamp(messages, from, limit_) - from;
  refused_ = static_cast<std::uint32_t>(beyond * kShares / (limit_ - from));
}

/// Of any kShares in a row just so many are refused, at even distances.
bool Admission::let_in() {
  const std::uint64_t refused = refused_;
  if (refused == 0) return true;
  const std::uint64_t number = asked_.fetch_add(1, std::memory_order_relaxed) % kShares;
  return number * refused / kShares == (number + 1) * refused / kShares;
}

}  // namespace comporta::gateway
