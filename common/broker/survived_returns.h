#pragma once
// Tells a crash from other returns to the queue: who held a message, and lives to see it again, knows that it
// was not the message that ended the connection (a cut, a broker that restarts, its limit of 30 minutes for a
// message in hand).

#include <cstdint>
#include <map>
#include <string>

#include "common/broker/connection.h"

namespace comporta {

/// A message with so many returns may be the one that ends whoever takes it; a neighbour has them too by
/// then.
constexpr std::uint64_t kSuspiciousReturns = 3;

inline bool is_suspect(const Delivery& delivery) {
  return delivery.delivery_count >= kSuspiciousReturns;
}

/// A plain value of one thread. It remembers what this process has seen: the returns from other daemons'
/// hands count as crashes.
class SurvivedReturns {
 public:
  void delivered(const Delivery& delivery);
  void settled(std::uint64_t tag);
  /// The connection is gone: whatever is not settled will be delivered again under new tags.
  void lost();
  /// Returns to the queue of which this process knows no other cause.
  std::uint64_t crashes(const Delivery& delivery) const;

 private:
  std::map<std::uint64_t, std::string> in_hand_;        ///< message ids by tag
  std::map<std::string, std::uint64_t> survived_ = {};  ///< by message id
};

}  // namespace comporta
