#include "common/base/text.h"

#include <gtest/gtest.h>

namespace comporta {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;

TEST(JsonString, EscapesWhatJsonCannotCarry) {
  const std::pair<std::string, std::string> cases[] = {
      {"", R"("")"},
      {"plain / text", R"("plain / text")"},
      {R"(say "\")", R"("say \"\\\"")"},
      {"a\nb\rc\td", R"("a\nb\rc\td")"},
      {"\0\x1f\x7f"s, R"("\u0000\u001f\u007f")"},
      {"ação €😀", R"("ação €😀")"},
  };
  for (const auto& [text, json] : cases) EXPECT_EQ(json_string(text), json);
}

TEST(JsonString, ReplacesEveryByteThatIsNotUtf8) {
  const std::string r = "\xEF\xBF\xBD";
  const std::pair<std::string, std::string> cases[] = {
      {"a\xFFz", "a" + r + "z"},
      {"\x80", r},                                                       // continuation alone
      {"\xC3", r},                                                       // cut off
      {"\xC3(", r + "("},                                                // second byte missing
      {"\xC0\xAF", r + r},                                               // overlong
      {"\xE0\x80\xAF", r + r + r},                                       // overlong
      {"\xED\xA0\x80", r + r + r},                                       // surrogate
      {"\xF4\x90\x80\x80", r + r + r + r},                               // above U+10FFFF
      {"\xF0\x9F\x98", r + r + r},                                       // cut off
      {"\xEF\xBF\xBF\xF4\x8F\xBF\xBF", "\xEF\xBF\xBF\xF4\x8F\xBF\xBF"},  // the last ones that are
  };
  for (const auto& [bytes, expected] : cases) EXPECT_EQ(json_string(bytes), '"' + expected + '"');
}

TEST(Rfc3339, IsUtcWithMilliseconds) {
  const std::chrono::system_clock::time_point epoch;
  EXPECT_EQ(rfc3339(epoch), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(rfc3339(epoch + 1'709'251'199'999ms), "2024-02-29T23:59:59.999Z");
  EXPECT_EQ(rfc3339(epoch + 1'795'356'185'123'999us), "2026-11-22T14:03:05.123Z");
  EXPECT_EQ(rfc3339(epoch - 1ms), "1969-12-31T23:59:59.999Z");
}

TEST(PercentDecode, DecodesAndRefuses) {
  EXPECT_EQ(percent_decode(""), "");
  EXPECT_EQ(percent_decode("a+b%20c%C3%A7%2f%25"), "a+b cç/%");
  for (const auto* bad : {"%", "%4", "a%zz", "%00", "a%2"})
    EXPECT_EQ(percent_decode(bad), std::nullopt) << bad;
  EXPECT_EQ(percent_decode("\0"s), std::nullopt);
}

TEST(ParseQuery, GivesDecodedPairs) {
  using Pairs = std::map<std::string, std::string>;
  EXPECT_EQ(parse_query(""), Pairs{});
  EXPECT_EQ(parse_query("a=1&b=%20&c="), (Pairs{{"a", "1"}, {"b", " "}, {"c", ""}}));
  EXPECT_EQ(parse_query("a=b=c"), (Pairs{{"a", "b=c"}}));
  EXPECT_EQ(parse_query("&a=1&&b=2&"), (Pairs{{"a", "1"}, {"b", "2"}}));
}

TEST(ParseQuery, APlusIsABlankAsFormsSendItAndAnEncodedOneAPlus) {
  using Pairs = std::map<std::string, std::string>;
  EXPECT_EQ(parse_query("seller=Padaria+do+Ze"), (Pairs{{"seller", "Padaria do Ze"}}));
  EXPECT_EQ(parse_query("a+b=1%2B1&c=+%2b+"), (Pairs{{"a b", "1+1"}, {"c", " + "}}));
}

TEST(ParseQuery, RefusesWhatIsNotPairs) {
  for (const auto* bad : {"a", "=1", "a=1&a=2", "a=1&%61=2", "a=%", "a=1&b"}) {
    EXPECT_EQ(parse_query(bad), std::nullopt) << bad;
  }
}

TEST(IEquals, IgnoresAsciiCaseOnly) {
  EXPECT_TRUE(iequals("Content-TYPE", "content-type"));
  EXPECT_FALSE(iequals("a", "ab"));
  EXPECT_FALSE(iequals("@", "`"));
  EXPECT_FALSE(iequals("Ç", "ç"));
}

TEST(Trim, TakesSpacesAndTabsOffBothEnds) {
  EXPECT_EQ(trim(" \t a b\t "), "a b");
  EXPECT_EQ(trim("a"), "a");
  EXPECT_EQ(trim(" \t"), "");
  EXPECT_EQ(trim("\na"), "\na");
}

}  // namespace
}  // namespace comporta
