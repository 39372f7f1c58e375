// Pages of a list of which only some entries are wanted.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/cache/redis/asked_kinds.h"

namespace comporta {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class Searching : public ::testing::Test {
 protected:
  /// Customers with those numbers, each named by its own; ten of a hundred are called zé besides.
  void bring(int first, int last) {
    std::string records;
    for (int number = first; number <= last; ++number) {
      const std::string digits = std::to_string(number);
      records += (records.empty() ? "" : ",") + (R"({"id":"c)" + digits + R"(","owner":"ana","number":)") +
                 digits + R"(,"name":")" + (number % 100 < 10 ? "Zé " : "Rui ") + digits +
                 R"(","gender":"male","age":30,"annual_income":20})";
    }
    EXPECT_EQ(kinds_.apply("customer", records, WallClock::now()).reason, "");
  }
  std::string list(const std::string& wanted, const std::string& more) {
    return kinds_.ask("customer", "list", R"({"owner":"ana","q":")" + wanted + "\"," + more + "}");
  }

  AskedKinds kinds_{"kinds"};
};

TEST_F(Searching, OfManyThatArePassedOverAPageShowsTheFewerAndGoesOn) {
  bring(1, 700);
  bring(701, 1'300);
  EXPECT_EQ(list("rui 1298", R"("limit":5)"), R"({"cursor":"1000;c1000","customers":[]})");
  const std::string rest = list("rui 1298", R"("limit":5,"cursor":"1000;c1000")");
  EXPECT_THAT(rest, HasSubstr(R"("id":"c1298")"));
  EXPECT_THAT(rest, Not(HasSubstr("cursor")));
}

TEST_F(Searching, AFullPageEndsBeforeTheNextThatIsWanted) {
  bring(1, 300);
  const std::string first = list("zé", R"("limit":9)");
  EXPECT_THAT(first, HasSubstr(R"("cursor":"99;c99")"));
  EXPECT_THAT(first, HasSubstr(R"("id":"c9")"));
  EXPECT_THAT(list("zé", R"("limit":1,"cursor":"99;c99")"), HasSubstr(R"("id":"c100")"));
  EXPECT_THAT(list("zé", R"("limit":1,"cursor":"300;c300")"), EndsWith(R"("customers":[]})"));
}

}  // namespace
}  // namespace comporta
