#pragma once
// Guessing is slow: after some failures for one login name from one address each further try has to wait,
// longer each time, and one address has a limit of its own for all names. Who comes from elsewhere is held up
// by neither, so nobody can lock somebody else out.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/uuid.h"
#include "services/cache/sessions/store.h"

namespace comporta {

/// How long after its n-th failure in a row a pair of name and address has to wait: 0 before the fifth, then
/// 1 s and twice as long each time, at most 5 min.
std::chrono::milliseconds wait_after(std::int64_t failures);
/// An address may fail that often in kAddressWindow.
inline constexpr std::int64_t kFailuresOfAddress = 100;
inline constexpr std::chrono::minutes kAddressWindow{5};
/// A pair is forgotten so long after its last failure.
inline constexpr std::chrono::hours kPairForgotten{1};

/// One thread, its store's.
class Throttle {
 public:
  using Clock = WallClock::time_point (*)();

  /// A try, by the names of its notes: hashes, so that nothing kept says who wanted to log in.
  struct Try {
    std::string pair;
    std::string address;
  };

  /// `secret` keeps whoever reads the notes from trying names. `store` must outlive it.
  Throttle(PeopleStore& store, std::string secret, Clock clock)
      : store_(store), secret_(std::move(secret)), clock_(clock) {}

  Try of(std::string_view kind, std::string_view login, std::string_view address) const;
  /// Counts it as a failure, which it is until forgive(): so those at the same moment count, too. Counts
  /// nothing if it has to wait, and says how long then.
  std::optional<std::chrono::milliseconds> admit(const Try& one);
  /// It was no failure: the pair begins anew.
  void forgive(const Try& one);

 private:
  std::int64_t now_ms() const;

  PeopleStore& store_;
  const std::string secret_;
  const Clock clock_;
};

}  // namespace comporta
