#pragma once
// Which deliveries of one connection are to be acknowledged, in as few acknowledgements as possible.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "common/base/uuid.h"

namespace comporta {

struct Ack {
  std::uint64_t tag;
  bool multiple;      ///< and all before it
  std::size_t count;  ///< deliveries that it settles

  bool operator==(const Ack&) const = default;
};

/// A plain value of one thread. Tags die with their connection: start a new one then.
class AckLedger {
 public:
  /// A delivery has come, whatever is to become of it. An acknowledgement covers those before it, so that
  /// none may be passed over: on a channel tags begin with 1 and leave no gap. `published`: when, if it says
  /// so.
  void delivered(std::uint64_t tag, std::optional<WallClock::time_point> published = {});
  /// It is done with; once at most for each delivery.
  void settled(std::uint64_t tag);
  /// What to acknowledge for all that was settled since the last call: one for the run from the oldest
  /// delivery on, then one for each that has an unsettled one before it.
  std::vector<Ack> due();

  /// Deliveries that are not settled.
  std::size_t open() const { return open_.size(); }
  /// When the first of these was published that says so.
  std::optional<WallClock::time_point> oldest() const;

 private:
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, std::optional<WallClock::time_point>> open_;
  std::vector<std::uint64_t> settled_;
};

}  // namespace comporta
