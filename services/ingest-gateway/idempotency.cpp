#include "services/ingest-gateway/idempotency.h"

namespace comporta::gateway {

IdempotencyMemory::Answer IdempotencyMemory::ask(std::string_view upload, std::string_view digest) {
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(upload);
  if (found != index_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    const Entry& entry = *found->second;
    if (entry.digest != digest) return {Verdict::kConflict, {}};
    return {entry.receipt.empty() ? Verdict::kNew : Verdict::kConfirmed, entry.receipt};
  }
  entries_.push_front({std::string(upload), std::string(digest), {}});
  index_.emplace(entries_.front().upload, entries_.begin());
  if (entries_.size() > capacity_) {
    index_.erase(entries_.back().upload);
    entries_.pop_back();
  }
  return {Verdict::kNew, {}};
}

void IdempotencyMemory::confirmed(std::string_view upload, std::string_view digest,
                                  std::string_view receipt) {
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(upload);
  if (found != index_.end() && found->second->digest == digest) found->second->receipt = receipt;
}

}  // namespace comporta::gateway
