#include "services/cache/preferred_wait.h"

#include <gtest/gtest.h>

namespace comporta {
namespace {

long wait_of(const std::vector<std::string>& values) {
  HttpRequest request;
  for (const std::string& value : values) request.headers.emplace_back("prefer", value);
  return preferred_wait(request).count();
}

TEST(PreferredWait, IsTheFirstThatIsSaid) {
  EXPECT_EQ(wait_of({"wait=5"}), 5);
  EXPECT_EQ(wait_of({"respond-async, wait=5"}), 5);
  EXPECT_EQ(wait_of({"return=minimal; foo=\"some parameter\"", "Wait = \"7\"; x, wait=9"}), 7);
  EXPECT_EQ(wait_of({"wait=4294967295"}), 4294967295);
}

TEST(PreferredWait, IsNothingIfItIsNoNumber) {
  for (const auto* value : {"", "wait", "wait=", "wait=\"\"", "wait=-1", "wait=5s", "wait=1.5",
                            "wait=99999999999", "await=5", "x;wait=5", ",,", "wait=x, wait=5"})
    EXPECT_EQ(wait_of({value}), 0) << value;
  EXPECT_EQ(wait_of({}), 0);
}

}  // namespace
}  // namespace comporta
