#include "services/ingest-gateway/admission.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "common/telemetry/log.h"

namespace comporta::gateway {
namespace {

constexpr std::uint32_t kShares = 256;
constexpr std::size_t kRememberedSizes = 4'096;
constexpr double kFrom = 0.5;  // of a limit: refused are some
constexpr double kCaughtUp = 0.25;

}  // namespace

void Admission::published(std::size_t bytes) {
  sizes_.push_front(bytes);
  if (sizes_.size() > kRememberedSizes) sizes_.pop_back();
}

/// Where more are asked for than are remembered, as if the others were like these; without any, 0.
double Admission::bytes_of_latest(std::uint64_t messages) const {
  const std::size_t known = std::min<std::uint64_t>(messages, sizes_.size());
  if (known == 0) return 0;
  const auto end = sizes_.begin() + static_cast<std::ptrdiff_t>(known);
  const auto bytes = std::accumulate(sizes_.begin(), end, 0.0);
  return bytes / static_cast<double>(known) * static_cast<double>(messages);
}

void Admission::set_depth(const std::string& queue, std::uint64_t messages) {
  depths_[queue] = messages;
  std::uint64_t deepest = 0;
  for (const auto& [name, depth] : depths_) deepest = std::max(deepest, depth);
  const double bytes = bytes_of_latest(deepest);
  const double full = std::max(static_cast<double>(deepest) / static_cast<double>(limits_.messages),
                               bytes / static_cast<double>(limits_.bytes));
  const double refused = std::clamp((full - kFrom) / (1 - kFrom), 0.0, 1.0);
  refused_ = static_cast<std::uint32_t>(refused * kShares);
  // Said once, however often it goes over the mark and back.
  const bool behind = full > (behind_ ? kCaughtUp : kFrom);
  if (std::exchange(behind_, behind) == behind) return;
  log_warn(behind ? "consumers are far behind: not all uploads are taken" : "consumers have caught up",
           {{"queue", queue}, {"messages", deepest}, {"bytes", static_cast<std::uint64_t>(bytes)}});
}

/// Of any kShares in a row just so many are refused, at even distances.
bool Admission::let_in() {
  const std::uint32_t refused = refused_;
  if (refused == 0) return true;
  const std::uint64_t number = asked_.fetch_add(1, std::memory_order_relaxed) % kShares;
  return number * refused / kShares == (number + 1) * refused / kShares;
}

}  // namespace comporta::gateway
