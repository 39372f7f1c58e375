#include "common/json/record_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/json/schema_pattern.h"
#include "tests/tsv.h"

namespace comporta {
namespace {

using ::testing::HasSubstr;

TEST(RecordSchema, RefusesEveryBadSchema) {
  const std::string folder = COMPORTA_SOURCE_DIR "/tests/data/bad/schemas";
  for (const test::Row& row : test::read_table(folder + "/expected.tsv")) {
    SCOPED_TRACE(row.at("file"));
    std::vector<std::string> faults;
    EXPECT_EQ(RecordSchema::compile(test::read_bytes(folder + "/" + row.at("file")), "s.json", faults),
              nullptr);
    ASSERT_FALSE(faults.empty());
    EXPECT_THAT(faults[0], HasSubstr("s.json:" + row.at("line") + ": "));
    EXPECT_THAT(faults[0], HasSubstr(row.at("fault")));
    EXPECT_EQ(std::to_string(faults.size()), row.at("faults"));
  }
}

std::shared_ptr<const RecordSchema> schema(const std::string& text) {
  std::vector<std::string> faults;
  auto compiled = RecordSchema::compile(text, "s.json", faults);
  EXPECT_TRUE(faults.empty()) << faults[0];
  return compiled;
}

TEST(RecordSchema, KnowsItsMembers) {
  const auto made = schema(R"({"required":["a","c"],"properties":{"a":{"type":"string","minLength":1},
      "b":{"type":"string"},"type":{"type":"integer"}}})");
  EXPECT_TRUE(made->requires_member("a"));
  EXPECT_TRUE(made->requires_member("c"));
  EXPECT_FALSE(made->requires_member("b"));
  EXPECT_TRUE(made->describes_member("b"));
  EXPECT_TRUE(made->describes_member("type"));
  EXPECT_FALSE(made->describes_member("c"));
  EXPECT_TRUE(made->is_nonempty_text("a"));
  EXPECT_FALSE(made->is_nonempty_text("b"));
  EXPECT_FALSE(made->is_nonempty_text("c"));
  EXPECT_FALSE(made->is_nonempty_text("type"));
}

TEST(RecordSchema, LooksAlongPointers) {
  const auto made = schema(R"({"properties":{"card":{"$ref":"#/definitions/card"},"a/b":{"type":"string"},
      "list":{"type":"array","items":{"properties":{"x":{"type":"string"}}}}},
      "definitions":{"card":{"type":"object","properties":{"number":{"type":"string"},
                                                           "year":{"type":["string","integer"]}}}}})");
  for (const char* there : {"/card", "/card/number", "/card/year", "/a~1b", "/list"})
    EXPECT_TRUE(made->describes(there)) << there;
  for (const char* not_there : {"", "/", "card", "#/card", "/card/pin", "/card/number/x", "/list/0/x",
                                "/list/x", "/definitions", "/a/b"})
    EXPECT_FALSE(made->describes(not_there)) << not_there;
  EXPECT_TRUE(made->has_type("/card", "object"));
  EXPECT_TRUE(made->has_type("/card/number", "string"));
  EXPECT_FALSE(made->has_type("/card/year", "string"));
  EXPECT_FALSE(made->has_type("/card/pin", "string"));
}

TEST(RecordSchema, IsCutDownToOneMember) {
  const auto whole = schema(R"({"type":"object","required":["id","n"],"minProperties":2,
      "properties":{"id":{"$ref":"#/definitions/id"},"n":{"type":"integer"}},
      "definitions":{"id":{"type":"string","minLength":1,"maxLength":3}}})");
  const auto alone = whole->of_member_alone("id");
  const auto takes = [&](std::string body) {
    return std::holds_alternative<CheckedUpload>(check_upload(body, UploadFormat::kJson, *alone, {}));
  };
  EXPECT_TRUE(takes(R"({"id":"abc"})"));
  for (const char* bad : {R"({})", R"({"id":"abcd"})", R"({"id":""})", R"({"id":1})", R"({"id":"a","n":1})"})
    EXPECT_FALSE(takes(bad)) << bad;
}

/// The first fault as `/pointer keyword: detail`; nothing if it is taken.
std::string fault_of(const RecordSchema& schema, std::string body) {
  const auto checked = check_upload(body, UploadFormat::kJson, schema, {});
  const auto* problem = std::get_if<Problem>(&checked);
  if (problem == nullptr) return "";
  const RecordFault& fault = problem->errors.at(0);
  return fault.pointer + " " + fault.keyword + ": " + fault.detail;
}

TEST(RecordSchema, CanForbidSomeMembersAndRequireOthersNoMore) {
  for (const char* additional : {"", R"("additionalProperties":false,)"}) {
    const auto whole = schema(std::string(R"({"type":"object",)") + additional +
                              R"("required":["id","who","n"],"properties":{"id":{"type":"string"},
        "who":{"type":"string","minLength":1},"n":{"type":"integer"}}})");
    const auto less = whole->without({{"who", "is filled in; leave it out"}}, {"n"});
    EXPECT_EQ(fault_of(*less, R"({"id":"a"})"), "");
    EXPECT_EQ(fault_of(*less, R"({"id":"a","n":1})"), "");
    EXPECT_EQ(fault_of(*less, R"({"n":1})"), "/id required: is missing");
    EXPECT_EQ(fault_of(*less, R"({"id":"a","n":"x"})"), "/n type: must be a whole number");
    for (const char* sent : {R"("x")", "1", "null", R"({"a":{"b":1}})", R"([1,["x"]])", R"("")"})
      EXPECT_EQ(fault_of(*less, std::string(R"({"id":"a","who":)") + sent + "}"),
                "/who not: is filled in; leave it out")
          << sent;
    EXPECT_EQ(fault_of(*less, R"({"id":"a","w\u0068o":"x"})"), "/who not: is filled in; leave it out");
    EXPECT_EQ(fault_of(*whole, R"({"id":"a","who":"x","n":1})"), "") << "and itself it is as it was";
    EXPECT_EQ(fault_of(*whole, R"({"id":"a","who":"x"})"), "/n required: is missing");
  }
}

TEST(RecordSchema, ForbidsNothingThatItDoesNotDescribe) {
  for (const char* described : {R"({"type":"object"})", R"({"type":"object","properties":{"n":{}}})"})
    for (const char* member : {"who", "", "\xff"}) {
      const auto less = schema(described)->without({{member, "is filled in; leave it out"}}, {"when"});
      EXPECT_EQ(fault_of(*less, R"({"n":1,"who":"x"})"), "") << described;
    }
}

TEST(RecordSchema, TakesPropertiesNamedLikeKeywords) {
  schema(
      R"({"properties":{"type":{},"enum":{},"$ref":{},"required":{},"items":{},"pattern":{},"format":{},"not":{}}})");
}

TEST(SchemaPattern, TakesWhatTheEngineGetsRight) {
  for (const char* good :
       {"a", "^a*$", "^[0-9]{3}-[A-Z]+$", "(a|b)c", "^(a|b)$", "a|b", "^é+$", "[^a-c_]", "[a-]", "[-a]",
        "^\\.\\$\\n$", ".{2,5}", "x{2,}", "^(ab?c?)+$", "[\\]\\\\]", "[á-ú]", "^x?y?z?$"})
    EXPECT_EQ(pattern_fault(good), "") << good;
}

TEST(SchemaPattern, RefusesWhatTheEngineGetsWrong) {
  for (const char* bad : {"",        "^",     "\\d",    "\\w",   "\\bx",  "(?:a)",   "(?=a)",
                          "a|^b",    "^a|b$", "a$b",    "(^a)",  "(a*)*", "(a?){3}", "(a|b?)",
                          "(a|)",    "()",    "()a",    "{3}",   "*a",    "a**",     "a+?",
                          "a{2}{3}", "a{0}",  "a{3,1}", "a{1",   "a{",    "a{1001}", "(a{100}){101}",
                          "[",       "[]",    "[^]",    "[z-a]", "[\\d]", "[\\-]",   "(a",
                          "a)",      "]",     "}",      "\\",    "a*",    "^a*",     "a*$",
                          "a?",      "x{0,3}"})
    EXPECT_NE(pattern_fault(bad), "") << bad;
}

/// Texts that each pattern takes, or not: run by the engine itself.
TEST(SchemaPattern, MeansWhatItSays) {
  const struct {
    const char* pattern;
    const char* text;
    bool matches;
  } kCases[] = {
      {"^(a|b)+$", "abba", true},
      {"^(a|b)+$", "abc", false},
      {"b", "abc", true},
      {"^b", "abc", false},
      {"c$", "abcc", true},
      {"c$", "abcd", false},
      {"^a*$", "", true},
      {"^x{2,3}$", "xx", true},
      {"^x{2,3}$", "xxxx", false},
      {"^x{2,}y$", "xxxxy", true},
      {"^x{2,}y$", "xy", false},
      {"^[^0-9]+$", "abc", true},
      {"^[^0-9]+$", "ab1", false},
      {"^[á-ú]$", "é", true},
      {"^.$", "😀", true},
      {"^(ab{2}c){2}$", "abbcabbc", true},
      {"^(ab?c?)+$", "abcaac", true},
      {"^a[-x]$", "a-", true},
      {"^x{0,2}y$", "xxy", true},
      {"^x{0,2}y$", "xxxy", false},
      {"^(ab|c){2,3}$", "abcab", true},
  };
  for (const auto& one : kCases) {
    SCOPED_TRACE(std::string(one.pattern) + " on " + one.text);
    const auto made = schema(R"({"properties":{"v":{"pattern":")" + std::string(one.pattern) + "\"}}}");
    std::string body = R"({"v":")" + std::string(one.text) + "\"}";
    EXPECT_EQ(check_upload(body, UploadFormat::kJson, *made, {}).index(), one.matches ? 0u : 1u);
  }
}

TEST(SchemaPattern, IsFastOnHardTexts) {
  const auto made = schema(R"({"properties":{"v":{"pattern":"^(a|b|ab)+$"}}})");
  std::string body = R"({"v":")" + std::string(200'000, 'a') + "c\"}";
  EXPECT_EQ(check_upload(body, UploadFormat::kJson, *made, {}).index(), 1u);
}

}  // namespace
}  // namespace comporta
