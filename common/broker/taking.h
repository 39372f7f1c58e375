#pragma once
// How many messages are taken at a time, and what becomes of each that comes: the consume loop's table of
// states, as pure functions.
//
// A message that ends whoever takes it is recognised by its returns to the queue, which its neighbours in
// hand share. So the first message is taken alone, and so are those that came back some times: from then on
// only the culprit's returns grow.

#include <cstdint>

namespace comporta {

enum class TakingState {
  kAlone,       ///< one at a time, until enough harmless ones have come in a row
  kLastAlone,   ///< the last of these: not acknowledged before many are taken
  kMany,        ///< as many as may be in hand
  kGivingBack,  ///< a suspect came among many: everything goes back to the queue, to be taken alone
  kDraining,    ///< what is in hand is finished, and no more is taken
};

enum class TakingEvent {
  kHarmless,   ///< a delivery
  kSuspect,    ///< a delivery that came back so often that it is to be taken alone
  kUnfit,      ///< a delivery that is to be parked unseen
  kTakesMany,  ///< the consumer of one has been ended
  kLost,       ///< the connection is gone: whatever was in hand is in the queue again
  kStop,
};

/// What becomes of a delivery.
enum class Fate {
  kHand,   ///< goes to the handler
  kPark,   ///< goes to the dead queue
  kLeave,  ///< stays unsettled: it goes back to the queue with the connection
};

struct Taking {
  TakingState state = TakingState::kAlone;
  std::uint16_t harmless = 0;  ///< taken alone in a row
  std::uint16_t wanted = 1;    ///< of them, before many are taken
  bool operator==(const Taking&) const = default;
};

/// What `event` leads to. `many`: how many may be in hand at a time.
Taking after(Taking taking, TakingEvent event, std::uint16_t many);

/// Of a delivery that made this of `before`.
Fate fate_of(const Taking& before, TakingEvent delivery);

/// How many the broker is to send ahead of their acknowledgements.
std::uint16_t prefetch_of(const Taking& taking, std::uint16_t many);

}  // namespace comporta
