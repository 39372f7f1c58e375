#include "common/broker/in_turn.h"

namespace comporta {

bool InTurn::may_be_next(bool came_back_often, bool settled) const {
  return settled || !(is_first_ || came_back_often || alone_);
}

void InTurn::handed_on(bool came_back_often) {
  alone_ = is_first_ || came_back_often;
  is_first_ = false;
}

bool InTurn::is_worn_out(std::uint64_t crashes, std::uint64_t too_many) const {
  return is_first_ && crashes > 0 && crashes % too_many == 0;
}

}  // namespace comporta
