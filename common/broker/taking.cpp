#include "common/broker/taking.h"

namespace comporta {
namespace {

using State = TakingState;
using Event = TakingEvent;

bool is_alone(const Taking& taking) {
  return taking.state == State::kAlone || taking.state == State::kLastAlone;
}

Taking after_harmless(Taking taking) {
  if (!is_alone(taking)) return taking;
  if (taking.harmless < taking.wanted) ++taking.harmless;
  if (taking.harmless == taking.wanted) taking.state = State::kLastAlone;
  return taking;
}

Taking after_suspect(Taking taking) {
  if (taking.state == State::kMany) taking.state = State::kGivingBack;
  if (is_alone(taking)) return {.state = State::kAlone, .harmless = 0, .wanted = taking.wanted};
  return taking;
}

Taking after_loss(Taking taking, std::uint16_t many) {
  if (taking.state == State::kGivingBack) return {.state = State::kAlone, .harmless = 0, .wanted = many};
  if (is_alone(taking)) return {.state = State::kAlone, .harmless = 0, .wanted = taking.wanted};
  return taking;
}

}  // namespace

Taking after(Taking taking, TakingEvent event, std::uint16_t many) {
  switch (event) {
    case Event::kHarmless:
      return after_harmless(taking);
    case Event::kSuspect:
      return after_suspect(taking);
    case Event::kUnfit:
      return taking;
    case Event::kTakesMany:
      taking.state = State::kMany;
      return taking;
    case Event::kLost:
      return after_loss(taking, many);
    case Event::kStop:
      taking.state = State::kDraining;
      return taking;
  }
  return taking;
}

Fate fate_of(const Taking& before, TakingEvent delivery) {
  if (before.state == State::kGivingBack || before.state == State::kDraining) return Fate::kLeave;
  if (delivery == Event::kUnfit) return Fate::kPark;
  if (delivery == Event::kSuspect && before.state == State::kMany) return Fate::kLeave;
  return Fate::kHand;
}

std::uint16_t prefetch_of(const Taking& taking, std::uint16_t many) {
  return is_alone(taking) ? std::uint16_t{1} : many;
}

}  // namespace comporta
