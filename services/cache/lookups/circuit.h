#pragma once
// Whether somebody who fails is asked again. A plain value.

#include <chrono>

namespace comporta {

/// Closed, it lets all be asked. After five failures in a row it opens for a while, and then lets one try: by
/// that one it closes, or opens again.
class Circuit {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr int kMostFailures = 5;

  explicit Circuit(std::chrono::milliseconds pause) : pause_(pause) {}

  /// Whether one more may be asked, who then is: success or failure has to follow.
  bool try_begin(Clock::time_point now);
  bool is_open() const { return is_open_; }
  /// How long it stays open; 0 if the next one may be asked.
  std::chrono::milliseconds left(Clock::time_point now) const;
  /// Whether it was open until now.
  bool succeed();
  /// Whether it was closed until now, and is open.
  bool fail(Clock::time_point now);
  /// When the failures began that opened it.
  Clock::time_point since() const { return since_; }

 private:
  std::chrono::milliseconds pause_;
  int failures_ = 0;
  bool is_open_ = false;
  bool is_tried_ = false;
  Clock::time_point until_ = {};
  Clock::time_point since_ = {};
};

}  // namespace comporta
