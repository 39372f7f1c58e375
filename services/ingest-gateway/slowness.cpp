#include "services/ingest-gateway/slowness.h"

#include <algorithm>

namespace comporta::gateway {
namespace {

using namespace std::chrono_literals;

// Processor time of the gateway on that machine, beside 0.125 ms an upload and 25 ms a MiB of all its parts.
constexpr std::chrono::nanoseconds kPerUpload = 20us;
constexpr std::chrono::nanoseconds kPerMebibyte = 3ms;
constexpr std::chrono::nanoseconds kSample = 4ms;  ///< of work that one look takes in
constexpr double kWeight = 0.25;                   ///< of the latest look
constexpr double kMost = 8;

}  // namespace

void Slowness::went_out(std::size_t uploads, std::size_t bytes, std::chrono::nanoseconds used) {
  expected_ += kPerUpload * uploads + kPerMebibyte * bytes / (1 << 20);
  if (expected_ < kSample) return;
  const double seen = std::chrono::duration<double>(used - used_) / std::chrono::duration<double>(expected_);
  factor_ += kWeight * (std::clamp(seen, 1.0, kMost) - factor_);
  used_ = used;
  expected_ = 0ns;
}

}  // namespace comporta::gateway
