#include "services/cache/views/arguments.h"

#include <gtest/gtest.h>

namespace comporta {
namespace {

TEST(ReadArguments, SaysInOneWayWhatIsWrongWithAQuery) {
  KindQuery view;
  view.parameters["limit"] = {
      .type = QueryParameter::Type::kCount, .required = false, .fallback = {}, .min = 1, .max = 100};
  for (const auto* query : {"limit", "limit=1&limit=2", "limit=0", "limit=x", "other=1", "limit=%"}) {
    const auto read = read_arguments(view, query);
    ASSERT_TRUE(std::holds_alternative<Problem>(read)) << query;
    EXPECT_EQ(std::get<Problem>(read).status, 400) << query;
    EXPECT_EQ(std::get<Problem>(read).type, "urn:comporta:problem:bad-parameter") << query;
  }
  EXPECT_EQ(std::get<std::string>(read_arguments(view, "limit=7")), R"({"limit":7})");
}

}  // namespace
}  // namespace comporta
