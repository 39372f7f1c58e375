#pragma once
// How much slower than the machine that the pauses of batcher.h were measured on this one is, right now.

#include <chrono>
#include <cstddef>

namespace comporta::gateway {

/// Goes by what uploads cost the gateway itself in processor time, which is a fixed share of what they cost
/// the whole machine. Pure: one thread, no clock of its own.
class Slowness {
 public:
  /// So many uploads, of so many bytes, have gone out. `used`: processor time of the process until now.
  void went_out(std::size_t uploads, std::size_t bytes, std::chrono::nanoseconds used);

  /// From 1, for those that are as fast or faster, to 8.
  double factor() const { return factor_; }

 private:
  double factor_ = 1;
  std::chrono::nanoseconds used_{0};      ///< when expected_ began
  std::chrono::nanoseconds expected_{0};  ///< of what has gone out since
};

}  // namespace comporta::gateway
