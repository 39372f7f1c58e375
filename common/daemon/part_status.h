#pragma once
// What a daemon says of its part of the service to those who use it: GET /api/v1/status. Nothing that would
// help anybody else. nginx puts the parts together (static/api/status.json).
//
//   {"state":"works","since":"2026-11-30T12:00:00.000Z","lag_seconds":0,"words":"…"}
//
// `state`: works; late, when what waits has waited for kLate; stopped, when it cannot go on by itself.
// `since`: when it came into that state; late, since the oldest of what waits has waited. `lag_seconds`: for
// how long the oldest of what waits has waited.

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "common/base/uuid.h"
#include "common/http/server.h"

namespace comporta {

/// In whole sentences.
struct StatusWords {
  std::string works;
  std::string late;
};

struct PartNow {
  std::string trouble = {};  ///< why it is stopped, in a sentence; empty: it is not
  std::optional<WallClock::time_point> behind_since = {};  ///< what waits; nothing: nothing does
};

class PartStatus {
 public:
  using Look = std::function<PartNow()>;
  using Clock = std::function<WallClock::time_point()>;

  static constexpr std::chrono::seconds kLate{10};
  /// A trouble that is over sooner is not told: a restart, or a connection that is made anew.
  static constexpr std::chrono::seconds kStopped{3};

  PartStatus(StatusWords words, Look look, Clock clock = WallClock::now);

  /// Looks again; to be called some times a second, by one thread.
  void tick();
  /// A handler that answers this path itself, as it was at the last tick. Any thread.
  HttpHandler before(HttpHandler handler) const;
  std::string json() const;

 private:
  enum class State { kWorks, kLate, kStopped };
  State state_of(const PartNow& now, WallClock::time_point time);

  const StatusWords words_;
  const Look look_;
  const Clock clock_;
  std::optional<WallClock::time_point> trouble_since_;  ///< the thread's that ticks

  mutable std::mutex mutex_;
  State state_ = State::kWorks;
  WallClock::time_point since_;
  PartNow now_;
};

}  // namespace comporta
