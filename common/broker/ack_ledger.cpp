#include "common/broker/ack_ledger.h"

#include <algorithm>

#include "common/base/error.h"

namespace comporta {

void AckLedger::delivered(std::uint64_t tag, std::optional<WallClock::time_point> published) {
  check(tag == last_ + 1, "the ledger is told of every delivery, in its order");
  last_ = tag;
  open_.emplace_hint(open_.end(), tag, published);
}

void AckLedger::settled(std::uint64_t tag) {
  check(open_.erase(tag) == 1, "a delivery is settled once, and on the connection that it came by");
  settled_.push_back(tag);
}

std::optional<WallClock::time_point> AckLedger::oldest() const {
  const auto found =
      std::ranges::find_if(open_, [](const auto& delivery) { return delivery.second.has_value(); });
  return found == open_.end() ? std::nullopt : found->second;
}

std::vector<Ack> AckLedger::due() {
  std::sort(settled_.begin(), settled_.end());
  const auto begin = settled_.begin();
  const auto run_end =
      open_.empty() ? settled_.end() : std::lower_bound(begin, settled_.end(), open_.begin()->first);
  std::vector<Ack> acks;
  if (const auto run = static_cast<std::size_t>(run_end - begin); run > 0) {
    acks.push_back({.tag = *(run_end - 1), .multiple = true, .count = run});
  }
  for (auto tag = run_end; tag != settled_.end(); ++tag) {
    acks.push_back({.tag = *tag, .multiple = false, .count = 1});
  }
  settled_.clear();
  return acks;
}

}  // namespace comporta
