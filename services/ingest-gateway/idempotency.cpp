#include "services/ingest-gateway/idempotency.h"

#include "common/base/digest.h"
#include "common/base/uuid.h"

namespace comporta::gateway {

std::string keyed_upload_id(std::string_view principal, std::string_view kind, std::string_view sent) {
  const std::string key = canonical_uuid(sent).value_or(std::string(sent));
  const Sha256 hash = sha256_of_pieces({principal, kind, key});
  const auto time = uuid_v7_time(key).value_or(WallClock::time_point{});
  return uuid_v7_from(time, std::span<const std::uint8_t, 16>(hash.data(), 16));
}

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
