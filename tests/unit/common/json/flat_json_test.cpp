#include "common/json/flat_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace comporta {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using Type = FlatJson::Type;
using Members = std::vector<std::pair<std::string, std::string>>;

/// The members of an object that is all of the text; nothing if it is not taken.
std::optional<Members> members_of(std::string_view text) {
  FlatJson in(text);
  Members members;
  const auto add = [&](std::string_view name, const FlatJson::Value& value) {
    members.emplace_back(name, value.raw);
    return true;
  };
  if (!take_flat_object(in, add) || !in.take_end()) return std::nullopt;
  return members;
}

std::optional<FlatJson::Value> value_of(std::string_view text) {
  FlatJson in(text);
  FlatJson::Value value{};
  if (!in.take_value(value) || !in.take_end()) return std::nullopt;
  return value;
}

TEST(FlatJson, GivesMembersAsTheyStand) {
  EXPECT_THAT(*members_of(R"( {"a":1,"b" : "x y" ,"":null} )"),
              ElementsAre(Pair("a", "1"), Pair("b", "\"x y\""), Pair("", "null")));
  EXPECT_THAT(*members_of("{}"), ElementsAre());
  EXPECT_THAT(*members_of("{\r\n\t}"), ElementsAre());
}

TEST(FlatJson, TellsTypesApart) {
  const std::vector<std::pair<std::string, Type>> values = {
      {"\"\"", Type::kText},    {"\"0123456789é\"", Type::kText},  {"0", Type::kWhole},
      {"-12", Type::kWhole},    {"999999999999999", Type::kWhole}, {"0.50", Type::kDecimal},
      {"-1.0", Type::kDecimal}, {"true", Type::kTrueOrFalse},      {"false", Type::kTrueOrFalse},
      {"null", Type::kNull}};
  for (const auto& [text, type] : values) {
    const auto value = value_of(text);
    ASSERT_TRUE(value) << text;
    EXPECT_EQ(value->type, type) << text;
    EXPECT_EQ(value->raw, text);
    EXPECT_FALSE(value->escaped);
  }
}

TEST(FlatJson, FindsTheEndOfATextWhereverItIs) {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string text(size, 'x');
    EXPECT_EQ(value_of("\"" + text + "\"")->text(), text);
    EXPECT_TRUE(value_of("\"" + text + "\\n\"")->escaped);
    EXPECT_FALSE(value_of("\"" + text));
    EXPECT_FALSE(value_of("\"" + text + "\\"));
    EXPECT_FALSE(value_of("\"" + text + "\n\""));
  }
}

TEST(FlatJson, TakesEscapesOfTheBasicPlane) {
  EXPECT_TRUE(value_of(R"("\"\\\/\b\f\n\r\t\u00e7\uD7FF\uE000")"));
  for (const char* text : {R"("\x")", R"("\u12")", R"("\u12g4")", R"("\u-123")", R"("\u0000")",
                           R"("\ud83d\ude00")", R"("\udfff")", R"("\u123)"})
    EXPECT_FALSE(value_of(text)) << text;
}

TEST(FlatJson, LeavesAllElseToOthers) {
  for (const char* text : {"{", "}", "", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\":1 \"b\":2}",
                           "{\"a\":{}}", "{\"a\":[]}", R"({"\u0061":1})", "{\"a\":1}}", "{'a':1}", "{a:1}"})
    EXPECT_FALSE(members_of(text)) << text;
  for (const char* text : {"01", "-", "+1", ".5", "1.", "1e5", "1.5E5", "1000000000000000", "tru", "True",
                           "nul", "NaN", "-a", "00", "1 2"})
    EXPECT_FALSE(value_of(text)) << text;
}

TEST(FlatJson, StopsWhenAMemberIsNotWanted) {
  FlatJson in(R"({"a":1,"b":2})");
  std::size_t count = 0;
  EXPECT_FALSE(take_flat_object(in, [&](std::string_view, const FlatJson::Value&) { return ++count < 1; }));
  EXPECT_EQ(count, 1U);
}

}  // namespace
}  // namespace comporta
