#include "common/broker/unconfirmed.h"

#include <gtest/gtest.h>

namespace comporta {
namespace {

Unconfirmed published(std::uint64_t count) {
  Unconfirmed unconfirmed;
  for (std::uint64_t tag = 1; tag <= count; ++tag) unconfirmed.published(tag);
  return unconfirmed;
}

TEST(Unconfirmed, ASingleConfirmSaysNothingOfThoseBeforeIt) {
  Unconfirmed unconfirmed = published(3);
  unconfirmed.confirmed({.tag = 3, .multiple = false, .accepted = true});
  EXPECT_TRUE(unconfirmed.has_any_up_to(1));
  unconfirmed.confirmed({.tag = 1, .multiple = false, .accepted = true});
  EXPECT_FALSE(unconfirmed.has_any_up_to(1));
  EXPECT_TRUE(unconfirmed.has_any_up_to(2));
  unconfirmed.confirmed({.tag = 2, .multiple = false, .accepted = true});
  EXPECT_FALSE(unconfirmed.has_any_up_to(3));
}

TEST(Unconfirmed, AMultipleConfirmIsForAllUpToIt) {
  Unconfirmed unconfirmed = published(3);
  unconfirmed.confirmed({.tag = 2, .multiple = true, .accepted = true});
  EXPECT_FALSE(unconfirmed.has_any_up_to(2));
  EXPECT_TRUE(unconfirmed.has_any_up_to(3));
}

}  // namespace
}  // namespace comporta
