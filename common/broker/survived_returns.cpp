#include "common/broker/survived_returns.h"

#include <algorithm>
#include <utility>

namespace comporta {
namespace {

/// Others may have settled what came back, so not all that is remembered comes again.
constexpr std::size_t kMostRemembered = 10'000;

}  // namespace

void SurvivedReturns::delivered(const Delivery& delivery) {
  if (!delivery.message_id.empty()) in_hand_.emplace(delivery.tag, delivery.message_id);
}

void SurvivedReturns::settled(std::uint64_t tag) {
  const auto found = in_hand_.find(tag);
  if (found == in_hand_.end()) return;
  survived_.erase(found->second);
  in_hand_.erase(found);
}

void SurvivedReturns::lost() {
  if (survived_.size() > kMostRemembered) survived_.clear();
  for (const auto& [tag, message_id] : std::exchange(in_hand_, {})) ++survived_[message_id];
}

std::uint64_t SurvivedReturns::crashes(const Delivery& delivery) const {
  const auto found = survived_.find(delivery.message_id);
  const std::uint64_t survived = found == survived_.end() ? 0 : found->second;
  return delivery.delivery_count - std::min(survived, delivery.delivery_count);
}

}  // namespace comporta
