#pragma once
// Which deliveries of one connection are to be acknowledged, in as few acknowledgements as possible.

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

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
  /// A delivery has been handed on. Tags come in ascending order.
  void taken(std::uint64_t tag);
  /// It is done with; once for each delivery taken.
  void settled(std::uint64_t tag);
  /// What to acknowledge for all that was settled since the last call: one for the run from the oldest
  /// delivery on, then one for each that has an unsettled one before it.
  std::vector<Ack> due();

 private:
  std::set<std::uint64_t> open_;
  std::vector<std::uint64_t> settled_;
};

}  // namespace comporta
