#include "services/cache/redis/recent_records.h"

#include <algorithm>
#include <cstring>

#include "common/base/error.h"

namespace comporta {

std::optional<RecentRecords::Written> RecentRecords::find(std::string_view key) const {
  for (const auto* generation : {current_.get(), previous_.get()}) {
    if (generation == nullptr) continue;
    const auto found = generation->entries.find(key);
    if (found == generation->entries.end()) continue;
    const Entry& entry = found->second;
    if (!entry.known) return std::nullopt;
    return Written{{entry.fingerprint.data(), entry.fingerprint.size()}, entry.arrival_ms};
  }
  return std::nullopt;
}

void RecentRecords::put(std::string_view key, std::string_view fingerprint, std::int64_t arrival_ms) {
  check(fingerprint.size() == kFingerprintBytes, "a fingerprint of its full length");
  Entry entry{{}, arrival_ms, true};
  std::ranges::copy(fingerprint, entry.fingerprint.begin());
  Generation& generation = current();
  if (const auto found = generation.entries.find(key); found != generation.entries.end()) {
    found->second = entry;
    return;
  }
  auto* own = static_cast<char*>(generation.memory.allocate(key.size(), alignof(char)));
  std::memcpy(own, key.data(), key.size());
  generation.entries.emplace(std::string_view(own, key.size()), entry);
}

void RecentRecords::forget(std::string_view key) {
  for (auto* generation : {current_.get(), previous_.get()}) {
    if (generation == nullptr) continue;
    if (const auto found = generation->entries.find(key); found != generation->entries.end())
      found->second.known = false;
  }
}

void RecentRecords::clear() {
  current_.reset();
  previous_.reset();
}

RecentRecords::Generation& RecentRecords::current() {
  if (current_ && current_->entries.size() >= half_) previous_ = std::move(current_);
  if (!current_) {
    current_ = std::make_unique<Generation>();
    current_->entries.reserve(half_);
  }
  return *current_;
}

}  // namespace comporta
