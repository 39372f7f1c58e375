#include "common/broker/in_turn.h"

#include <gtest/gtest.h>

namespace comporta {
namespace {

constexpr bool kOften = true;
constexpr bool kSettled = true;

TEST(InTurn, TheFirstIsInHandAlone) {
  InTurn turn;
  EXPECT_TRUE(turn.may_be_next(!kOften, kSettled));
  turn.handed_on(!kOften);
  EXPECT_FALSE(turn.may_be_next(!kOften, !kSettled));
  EXPECT_TRUE(turn.may_be_next(!kOften, kSettled));
  turn.handed_on(!kOften);
  EXPECT_TRUE(turn.may_be_next(!kOften, !kSettled)) << "from here on many are";
}

TEST(InTurn, WhatCameBackOftenIsInHandAlone) {
  InTurn turn;
  turn.handed_on(!kOften);
  turn.handed_on(!kOften);
  EXPECT_FALSE(turn.may_be_next(kOften, !kSettled));
  EXPECT_TRUE(turn.may_be_next(kOften, kSettled));
  turn.handed_on(kOften);
  EXPECT_FALSE(turn.may_be_next(!kOften, !kSettled));
}

TEST(InTurn, WithAConnectionItBeginsAnew) {
  InTurn turn;
  turn.handed_on(!kOften);
  turn.lost();
  EXPECT_FALSE(turn.may_be_next(!kOften, !kSettled));
}

TEST(InTurn, OnlyTheFirstIsWornOutAndItsNeighboursHaveReturnsOfTheirOwn) {
  InTurn turn;
  EXPECT_FALSE(turn.is_worn_out(0, 10));
  EXPECT_FALSE(turn.is_worn_out(9, 10));
  EXPECT_TRUE(turn.is_worn_out(10, 10));
  EXPECT_FALSE(turn.is_worn_out(11, 10));
  EXPECT_TRUE(turn.is_worn_out(20, 10));
  turn.handed_on(kOften);
  EXPECT_FALSE(turn.is_worn_out(10, 10));
}

}  // namespace
}  // namespace comporta
