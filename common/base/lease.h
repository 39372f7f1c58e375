#pragma once
// Memory that many hold at a time, and no more of it than is set.

#include <atomic>
#include <cstddef>
#include <functional>
#include <utility>

namespace comporta {

/// What all leases together hold, and may hold. Outlives them.
struct Budget {
  explicit Budget(std::size_t most) : limit(most) {}

  bool is_over() const { return held > limit; }

  const std::size_t limit;
  std::atomic<std::size_t> held{0};
};

/// Asked before so many bytes are held, and each time before they become more. False: they may not be.
using MayHold = std::function<bool(std::size_t bytes)>;

/// A share of a budget, given back when it ends. One thread at a time; its neighbours may be others'.
class Lease {
 public:
  /// Of nothing: it takes any size.
  Lease() = default;
  explicit Lease(Budget& budget) : budget_(&budget) {}
  Lease(Lease&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), share_(std::exchange(other.share_, 0)) {}
  Lease& operator=(Lease&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(share_, other.share_);
    return *this;
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() { hold(0); }

  /// So much is held from here on, whatever the limit.
  void hold(std::size_t share) {
    if (budget_ != nullptr) budget_->held += share - share_;  // less is more of what wraps around
    share_ = share;
  }
  /// The same, unless it is more than before and more than the limit allows: then false, and nothing changes.
  [[nodiscard]] bool try_hold(std::size_t share) {
    if (budget_ != nullptr && share > share_) {
      const std::size_t more = share - share_;
      std::size_t held = budget_->held;
      do {
        if (held + more > budget_->limit) return false;
      } while (!budget_->held.compare_exchange_weak(held, held + more));
      share_ = share;
      return true;
    }
    hold(share);
    return true;
  }
  std::size_t share() const { return share_; }

 private:
  Budget* budget_ = nullptr;
  std::size_t share_ = 0;
};

}  // namespace comporta
