#include "common/json/text_member.h"

#include <gtest/gtest.h>

namespace comporta {
namespace {

TEST(TextMember, IsFoundAtTheTopAlone) {
  EXPECT_EQ(text_member(R"({"a":"x","owner":"ana"})", "owner"), "ana");
  EXPECT_EQ(text_member(R"({"a":{"owner":"bia"},"b":[{"owner":"bia"}],"owner":"ana"})", "owner"), "ana");
  EXPECT_EQ(text_member(R"({"a":{"owner":"bia"}})", "owner"), std::nullopt);
  EXPECT_EQ(text_member(R"([{"owner":"bia"}])", "owner"), std::nullopt);
  EXPECT_EQ(text_member(R"("owner")", "owner"), std::nullopt);
}

TEST(TextMember, IsComparedByWhatItMeans) {
  EXPECT_EQ(text_member(R"({ "n" : 1e99, "own\u0065r" : "\"an\u00e1\"" })", "owner"), "\"aná\"");
  EXPECT_EQ(text_member(R"({"a":"\"owner\":\"bia\""})", "owner"), std::nullopt);
}

TEST(TextMember, OfAnotherTypeIsNone) {
  for (const auto* object : {R"({"owner":1})", R"({"owner":null})", R"({"owner":["ana"]})",
                             R"({"owner":{"owner":"ana"}})", R"({"owner":)", "", "{", "x"})
    EXPECT_EQ(text_member(object, "owner"), std::nullopt) << object;
}

}  // namespace
}  // namespace comporta
