#pragma once
// Who is handed on when, where the order counts (ConsumeSettings::in_order).
//
// Many are sent all the same, and nothing is given back but all of it together: RabbitMQ (3.10, rabbit_fifo:
// return_one) puts what comes back behind what came back before and was not sent again. So one that is sent
// alone and comes back is behind its neighbours; and so is the first message of an active consumer that dies
// with its broker, if the next one in line has taken that alone before the broker sees that it is gone, too.
//
// What is sent together comes back together, so all of it has the returns of a culprit that ends whoever
// takes it. It is known by being the first: that one is in hand alone, and so is whatever came back often.

#include <cstdint>

namespace comporta {

/// A plain value of one thread.
class InTurn {
 public:
  /// Whether the next one may be handed on. `settled`: nothing is in hand.
  bool may_be_next(bool came_back_often, bool settled) const;
  void handed_on(bool came_back_often);
  void lost() { *this = InTurn(); }  ///< with the connection

  /// Whether a message that `crashes` returned is parked unseen: if it is the first, once in so many returns
  /// as are too many, so that its neighbours, which have them, too, have as many of their own before them.
  bool is_worn_out(std::uint64_t crashes, std::uint64_t too_many) const;

 private:
  bool is_first_ = true;
  bool alone_ = false;  ///< what was last handed on has to be
};

}  // namespace comporta
