#include "services/ingest-gateway/admission.h"

#include <algorithm>
#include <utility>

#include "common/log.h"

namespace comporta::gateway {
namespace {

constexpr std::uint64_t kShares = 256;

}  // namespace

void Admission::set_depth(const std::string& queue, std::uint64_t messages) {
  depths_[queue] = messages;
  std::uint64_t deepest = 0;
  for (const auto& [name, depth] : depths_) deepest = std::max(deepest, depth);
  const std::uint64_t from = limit_ / 2;
  const std::uint64_t beyond = std::clamp(deepest, from, limit_) - from;
  refused_ = static_cast<std::uint32_t>(beyond * kShares / (limit_ - from));
  // Said once, however often it goes over the mark and back.
  const bool behind = deepest > (behind_ ? limit_ / 4 : from);
  if (std::exchange(behind_, behind) == behind) return;
  log_warn(behind ? "consumers are far behind: not all uploads are taken" : "consumers have caught up",
           {{"queue", queue}, {"messages", deepest}});
}

/// Of any kShares in a row just so many are refused, at even distances.
bool Admission::let_in() {
  const std::uint64_t refused = refused_;
  if (refused == 0) return true;
  const std::uint64_t number = asked_.fetch_add(1, std::memory_order_relaxed) % kShares;
  return number * refused / kShares == (number + 1) * refused / kShares;
}

}  // namespace comporta::gateway
