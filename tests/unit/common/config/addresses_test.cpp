#include "common/config/addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace comporta {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Addresses, AreHostsWithPortsWhereTheseAreOthers) {
  EXPECT_THAT(parse_addresses("mq", 5000), ElementsAre(Address{"mq", 5000}));
  EXPECT_THAT(parse_addresses("a,b:5673,::1", 5000),
              ElementsAre(Address{"a", 5000}, Address{"b", 5673}, Address{"::1", 5000}));
  for (const char* bad :
       {"", ",", "a,", "a,,b", "a, b", ":5673", "a:", "a:0", "a:65536", "a:amqp", "a:5673x"})
    EXPECT_THAT(parse_addresses(bad, 5000), IsEmpty()) << bad;
}

}  // namespace
}  // namespace comporta
