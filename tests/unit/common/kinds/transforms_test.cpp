#include "common/kinds/transforms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/digest.h"

namespace comporta {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kSecret = "a secret of the tests";

/// The records of an upload after the transforms.
std::vector<std::string> rewritten(const std::map<std::string, Transform>& transforms, std::string body) {
  static const auto kAnything = [] {
    std::vector<std::string> faults;
    return RecordSchema::compile(R"({"type":"object"})", "s.json", faults);
  }();
  auto result = check_upload(body, UploadFormat::kJson, *kAnything, {});
  auto& checked = std::get<CheckedUpload>(result);
  Transforms(transforms, kSecret).apply(body, checked);
  std::vector<std::string> records;
  for (const RecordSlice& slice : checked.records)
    records.push_back(body.substr(slice.begin, slice.end - slice.begin));
  return records;
}

std::string rewritten_one(const std::map<std::string, Transform>& transforms, const std::string& record) {
  return rewritten(transforms, record).at(0);
}

std::string formed(const std::map<std::string, WrittenForm>& forms, std::string body,
                   UploadFormat format = UploadFormat::kJson) {
  const auto problem = bring_into_form(Transforms(forms), body, format, {});
  EXPECT_EQ(problem, std::nullopt) << problem->detail;
  EXPECT_EQ(format, UploadFormat::kNdjson);
  return body;
}

TEST(BringIntoForm, WritesWhatItNamesAndNothingElse) {
  const std::map<std::string, WrittenForm> forms{
      {"/cpf", {.digits = true}}, {"/a/mail", {.trim = true, .lower = true}}, {"/n", {.lower = true}}};
  EXPECT_EQ(
      formed(forms,
             "[ {\"cpf\" : \"153.509.460-56\",\n\"v\": 1.50e2 },{\"n\":5,\"a\":{\"mail\":\" A\\u0040B \"}}]"),
      "{\"cpf\" : \"15350946056\", \"v\": 1.50e2 }\n{\"n\":5,\"a\":{\"mail\":\"a@b\"}}\n");
  EXPECT_EQ(formed(forms, R"({"n":"\u0061"})"), "{\"n\":\"\\u0061\"}\n")
      << "what is in its form stays as it came";
}

TEST(BringIntoForm, LeavesAloneWhatIsNoUpload) {
  for (const char* bad : {"", "[", "[5]", R"([{"a":1},{"a":1,"a":2}])"}) {
    std::string body = bad;
    UploadFormat format = UploadFormat::kJson;
    EXPECT_NE(bring_into_form(Transforms({{"/a", WrittenForm{.trim = true}}}), body, format, {}),
              std::nullopt)
        << bad;
    EXPECT_EQ(body, bad);
    EXPECT_EQ(format, UploadFormat::kJson);
  }
}

TEST(KeyInForm, IsThatOfTheRecord) {
  Kind kind;
  kind.key = "a/b";
  EXPECT_EQ(key_in_form(kind, " X 1"), " X 1");
  kind.forms["/a~1b"] = {.trim = true, .lower = true};
  EXPECT_EQ(key_in_form(kind, " X 1"), "x 1");
  kind.forms["/a~1b"].digits = true;
  EXPECT_EQ(key_in_form(kind, " X 1"), "1");
}

TEST(Masked, ShowsTheLastFour) {
  EXPECT_EQ(masked("4111111111111234"), "**** **** **** 1234");
  EXPECT_EQ(masked("4111 1111 1111 1234"), "**** **** **** 1234");
  EXPECT_EQ(masked("4111-1111-1111-12-34 "), "**** **** **** 1234");
  EXPECT_EQ(masked("411111111111111111234"), "**** **** **** 1234");
  EXPECT_EQ(masked("12345678"), "**** **** **** 5678");
  EXPECT_EQ(masked("ação não é"), "**** **** **** nãoé");
}

TEST(Masked, ShowsNothingOfAShortText) {
  for (const char* text : {"", "1", "1234", "1234567", "1 2 3 4 5 6 7", "ççççççç"})
    EXPECT_EQ(masked(text), "**** **** **** ****") << text;
}

TEST(Masked, LeavesWhatIsMaskedAsItIs) {
  EXPECT_EQ(masked(masked("4111111111111234")), masked("4111111111111234"));
}

TEST(Transforms, ChangeWhatTheyNameAndNothingElse) {
  const std::map<std::string, Transform> transforms{
      {"/card/number", Transform::kMask}, {"/card/cvv", Transform::kDrop}, {"/cpf", Transform::kHash}};
  const std::string hash = to_hex(hmac_sha256(kSecret, "15350946056"));
  EXPECT_EQ(rewritten_one(transforms, R"({ "id" : "a",  "card":{"number" : "4111111111111234","cvv":"987",)"
                                      R"("holder":"Ana"}, "cpf":"15350946056", "v":1.50e2 , "n":null })"),
            R"({ "id" : "a",  "card":{"number" : "**** **** **** 1234","holder":"Ana"}, "cpf":")" + hash +
                R"(", "v":1.50e2 , "n":null })");
}

TEST(Transforms, ReachEveryRecord) {
  EXPECT_THAT(rewritten({{"/c", Transform::kDrop}}, R"([ {"c":1,"a":1}, {"a":2} ,{"a":3,"c":4}])"),
              ElementsAre(R"({"a":1})", R"({"a":2})", R"({"a":3})"));
}

/// Any members of an object may go: what stays is JSON.
TEST(Transforms, DropInAnyPlace) {
  const std::map<std::string, std::string> cases{
      {R"({"x":1})", "{}"},
      {R"({ "x" : 1 })", "{ }"},
      {R"({"x":1,"a":2})", R"({"a":2})"},
      {R"({"x":1 , "a":2})", R"({ "a":2})"},
      {R"({"x":1,"y":2,"a":3})", R"({"a":3})"},
      {R"({"x":1,"y":2})", "{}"},
      {R"({"a":1,"x":2,"y":3})", R"({"a":1})"},
      {R"({"x":1,"a":2,"y":3,"b":4})", R"({"a":2,"b":4})"},
      {R"({"a":{},"x":{"a":[1,{"x":2}]},"b":[]})", R"({"a":{},"b":[]})"},
      {R"({"x":"a,\"b\",","a":","})", R"({"a":","})"},
      {R"({"a":"x","b":["x",{"x":1}],"c":{"x":1}})", R"({"a":"x","b":["x",{"x":1}],"c":{"x":1}})"},
  };
  for (const auto& [before, after] : cases)
    EXPECT_EQ(rewritten_one({{"/x", Transform::kDrop}, {"/y", Transform::kDrop}}, before), after) << before;
}

TEST(Transforms, ReadNamesAndTextsAsWhatTheyMean) {
  EXPECT_EQ(rewritten_one({{"/cvv", Transform::kDrop}}, R"({"cv\u0076":"987"})"), "{}");
  EXPECT_EQ(rewritten_one({{"/n", Transform::kMask}}, R"({"n":"4111111111111\u0032\u0033\u0034"})"),
            R"({"n":"**** **** **** 1234"})");
  EXPECT_EQ(rewritten_one({{"/a~1b/c~0d", Transform::kDrop}}, R"({"a/b":{"c~d":1,"e":2}})"),
            R"({"a/b":{"e":2}})");
  EXPECT_EQ(rewritten_one({{"/n", Transform::kMask}}, R"({"n":"1234567\"8\\9"})"),
            R"({"n":"**** **** **** \"8\\9"})");
}

TEST(Transforms, DropWhatIsNoText) {
  for (const char* value :
       {"4111111111111111", "[\"4111111111111111\"]", "{\"n\":\"4111111111111111\"}", "null"})
    EXPECT_EQ(rewritten_one({{"/n", Transform::kMask}}, std::string("{\"a\":1,\"n\":") + value + "}"),
              R"({"a":1})");
}

TEST(Transforms, HashAlikeWhatIsAlike) {
  const std::map<std::string, Transform> hash{{"/n", Transform::kHash}};
  EXPECT_EQ(rewritten_one(hash, R"({"n":"a"})"), rewritten_one(hash, R"({"n":"\u0061"})"));
  EXPECT_NE(rewritten_one(hash, R"({"n":"a"})"), rewritten_one(hash, R"({"n":"b"})"));
  EXPECT_THAT(rewritten_one(hash, R"({"n":"15350946056"})"), Not(HasSubstr("15350946056")));
}

}  // namespace
}  // namespace comporta
