#include "common/http/media_type.h"

#include <gtest/gtest.h>

namespace comporta {
namespace {

TEST(Wanted, IsTheQualityOfTheEntry) {
  for (const auto& [accepted, thousandths] :
       {std::pair{"text/csv", 1'000},
        {"Text/CSV;Q=0.5", 500},
        {"application/json, text/csv; charset=utf-8; q=0.875 , */*", 875},
        {"text/csv;q=0", 0},
        {"text/csv;q=1.000", 1'000},
        {"text/csv;q=2, text/csv;q=0.1", 100},
        {"text/csv;q=x, text/csv;q=0.", 0}})
    EXPECT_EQ(wanted(accepted, "text/csv"), thousandths) << accepted;
}

TEST(Wanted, OfWhatIsNotNamedIsNothing) {
  for (const char* accepted : {"", ",", "*/*", "text/*", "text/csvx", "text/csv;q=1.001", "text/csv;q=0.1234",
                               "text/csv;q=", "text/csv;q=.5"})
    EXPECT_EQ(wanted(accepted, "text/csv"), std::nullopt) << accepted;
}

}  // namespace
}  // namespace comporta
