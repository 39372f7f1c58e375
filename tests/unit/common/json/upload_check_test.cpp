#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "common/json/record_schema.h"
#include "tests/tsv.h"

namespace comporta {
namespace {

using namespace std::string_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kRoot = COMPORTA_SOURCE_DIR;

std::shared_ptr<const RecordSchema> schema(const std::string& text) {
  std::vector<std::string> faults;
  auto compiled = RecordSchema::compile(text, "schema.json", faults);
  EXPECT_THAT(faults, ElementsAre());
  return compiled;
}

const RecordSchema& transaction() {
  static const auto kSchema = schema(test::read_bytes(kRoot + "/kinds/transaction/schema.json"));
  return *kSchema;
}

Problem refused(std::string body, const RecordSchema& by, UploadFormat format = UploadFormat::kJson,
                const UploadLimits& limits = {}) {
  const std::string before = body;
  auto result = check_upload(body, format, by, limits);
  EXPECT_EQ(body, before);
  if (auto* problem = std::get_if<Problem>(&result)) return *problem;
  ADD_FAILURE() << "accepted";
  return {};
}

std::vector<std::string> accepted(std::string body, const RecordSchema& by,
                                  UploadFormat format = UploadFormat::kJson,
                                  const UploadLimits& limits = {}) {
  auto result = check_upload(body, format, by, limits);
  std::vector<std::string> records;
  if (auto* problem = std::get_if<Problem>(&result)) {
    ADD_FAILURE() << problem->detail << (problem->errors.empty() ? "" : ": " + problem->errors[0].detail);
    return records;
  }
  for (const RecordSlice& slice : std::get<CheckedUpload>(result).records)
    records.push_back(body.substr(slice.begin, slice.end - slice.begin));
  return records;
}

UploadFormat format_of(const test::Row& row) {
  return row.at("content_type").find("ndjson") == std::string::npos ? UploadFormat::kJson
                                                                    : UploadFormat::kNdjson;
}

/// Those that are JSON or NDJSON as they stand; the gateway's tests have the others.
std::vector<test::Row> plain_uploads(const std::string& folder) {
  std::vector<test::Row> rows = test::read_table(folder + "/expected.tsv");
  std::erase_if(rows, [](const test::Row& row) {
    return !row.at("content_type").starts_with("application/") || !row.at("content_encoding").empty() ||
           (row.contains("status") && row.at("status") == "415");
  });
  return rows;
}

TEST(UploadCheck, RefusesEveryBadUpload) {
  const std::string folder = kRoot + "/tests/data/bad/uploads";
  const auto rows = plain_uploads(folder);
  ASSERT_GT(rows.size(), 50u);
  for (const test::Row& row : rows) {
    SCOPED_TRACE(row.at("file"));
    const Problem problem =
        refused(test::read_bytes(folder + "/" + row.at("file")), transaction(), format_of(row));
    EXPECT_EQ(std::to_string(problem.status), row.at("status")) << problem.detail;
    EXPECT_EQ(problem.line == 0 ? "" : std::to_string(problem.line), row.at("line")) << problem.detail;
    EXPECT_EQ(problem.errors.empty() ? "" : problem.errors[0].keyword, row.at("keyword"));
    EXPECT_EQ(problem.errors.empty() ? "" : problem.errors[0].pointer, row.at("pointer"));
    EXPECT_FALSE(problem.detail.empty() || problem.title.empty());
  }
}

TEST(UploadCheck, AcceptsEveryGoodUpload) {
  const std::string folder = kRoot + "/tests/data/good/uploads";
  for (const test::Row& row : plain_uploads(folder)) {
    SCOPED_TRACE(row.at("file"));
    const auto records =
        accepted(test::read_bytes(folder + "/" + row.at("file")), transaction(), format_of(row));
    EXPECT_EQ(std::to_string(records.size()), row.at("records"));
  }
}

/// The same rules, with one more that says nothing but keeps the quick way (flat_rules.h) shut.
std::string with_another_rule(std::string schema_text) {
  return schema_text.insert(schema_text.find('{') + 1, R"("minProperties": 0, )");
}

void expect_same(const std::string& body, UploadFormat format, const RecordSchema& quick,
                 const RecordSchema& slow) {
  const UploadLimits limits{.max_records = 3, .max_record_bytes = 600, .max_depth = 64, .max_faults = 100};
  std::string one = body;
  std::string other = body;
  const auto quickly = check_upload(one, format, quick, limits);
  const auto slowly = check_upload(other, format, slow, limits);
  ASSERT_EQ(quickly.index(), slowly.index()) << body;
  EXPECT_EQ(one, other);
  if (const auto* problem = std::get_if<Problem>(&quickly)) {
    EXPECT_EQ(problem->detail, std::get<Problem>(slowly).detail) << body;
    return;
  }
  const auto& records = std::get<CheckedUpload>(quickly).records;
  const auto& expected = std::get<CheckedUpload>(slowly).records;
  const auto is_same = [](const RecordSlice& a, const RecordSlice& b) {
    return a.begin == b.begin && a.end == b.end;
  };
  EXPECT_TRUE(std::ranges::equal(records, expected, is_same)) << body;
}

TEST(UploadCheck, TheQuickWayComesToTheSameWhateverByteIsWhere) {
  const std::string text = test::read_bytes(kRoot + "/kinds/transaction/schema.json");
  const auto slow = schema(with_another_rule(text));
  const std::string good = R"({"_id":"a","isActive":true,"cliente":"\u00e7\n","email":"a@b.c",)"
                           R"("endereco":"é, 1","datatrasancao":"2024-03-11T12:00:00 +00:00"})";
  const std::string bytes = "\0\t\n\r \"\\{}[],:/0159-.+eEutrfalsn\x1f\x7f\x80\xc3\xa9\xed"s;
  for (const auto& [body, format] :
       {std::pair("[" + good + " ,\n" + good + "]", UploadFormat::kJson),
        std::pair(good, UploadFormat::kJson), std::pair(good + "\r\n\n" + good, UploadFormat::kNdjson)}) {
    expect_same(body, format, transaction(), *slow);
    for (std::size_t at = 0; at < body.size(); ++at) {
      expect_same(std::string(body).erase(at, 1), format, transaction(), *slow);
      expect_same(body.substr(0, at), format, transaction(), *slow);
      for (const char byte : bytes) {
        std::string changed = body;
        changed[at] = byte;
        expect_same(changed, format, transaction(), *slow);
        expect_same(std::string(body).insert(at, 1, byte), format, transaction(), *slow);
      }
    }
  }
}

TEST(UploadCheck, TheQuickWayComesToTheSameWhateverTheRules) {
  const std::vector<std::string> properties = {R"({"type":"string","minLength":2,"maxLength":4})",
                                               R"({"type":"integer"})",
                                               R"({"type":"number"})",
                                               R"({"type":["boolean","null"]})",
                                               R"({"type":["string","integer"],"maxLength":3})",
                                               R"({"type":"string","format":"date"})"};
  const std::vector<std::string> values = {"\"\"",
                                           "\"a\"",
                                           "\"éé\"",
                                           "\"ééééé\"",
                                           "\"\\u00e9\"",
                                           "\"\\u00e9\\u00e9\"",
                                           "\"\\ud83d\\ude00a\"",
                                           "1",
                                           "-0",
                                           "1.0",
                                           "1.50",
                                           "1e2",
                                           "123456789012345678",
                                           "true",
                                           "null",
                                           "{}",
                                           "[1]",
                                           "\"2024-03-11\"",
                                           "\"2024-13-11\"",
                                           "\"abcd\"",
                                           "\"abcde\""};
  for (const std::string& property : properties)
    for (const char* more : {R"("required":["a"],)", ""}) {
      const std::string text = R"({"type":"object",)" + std::string(more) +
                               R"("additionalProperties":false,"properties":{"a":)" + property +
                               R"(,"b":{"type":"null"}}})";
      const auto quick = schema(text);
      const auto slow = schema(with_another_rule(text));
      for (const std::string& value : values) {
        expect_same("{\"a\":" + value + "}", UploadFormat::kJson, *quick, *slow);
        expect_same("[{\"b\":null,\"a\":" + value + "}]", UploadFormat::kJson, *quick, *slow);
        expect_same("{\"a\":" + value + ",\"a\":" + value + "}", UploadFormat::kJson, *quick, *slow);
        expect_same("{\"c\":" + value + "}", UploadFormat::kJson, *quick, *slow);
      }
      for (const char* body : {"{}", "[{},{},{},{}]", "[]", "[{\"b\":null}]"})
        expect_same(body, UploadFormat::kJson, *quick, *slow);
    }
}

TEST(UploadCheck, TheQuickWayComesToTheSameWithAsManyMembersAsItTakes) {
  for (const std::size_t count : {63U, 64U, 65U}) {
    std::string properties;
    std::string members;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string comma = i == 0 ? "" : ",";
      properties += comma + "\"m" + std::to_string(i) + R"(":{"type":"integer"})";
      members += comma + "\"m" + std::to_string(i) + "\":1";
    }
    const std::string last = "m" + std::to_string(count - 1);
    const std::string text = R"({"type":"object","additionalProperties":false,"required":[")" + last +
                             R"("],"properties":{)" + properties + "}}";
    const auto quick = schema(text);
    const auto slow = schema(with_another_rule(text));
    for (const std::string& body :
         {"{" + members + "}", "{" + members + ",\"m0\":1}", "{" + members + ",\"n\":1}",
          std::string("{\"m0\":1}"), "{\"" + last + "\":1}"})
      expect_same(body, UploadFormat::kJson, *quick, *slow);
  }
}

TEST(UploadCheck, FindsEachRecordsBytes) {
  const auto any = schema("{}");
  EXPECT_THAT(accepted("{\"a\":1}", *any), ElementsAre("{\"a\":1}"));
  EXPECT_THAT(accepted(" [ {\"a\":[{}]} ,\n{}\n] ", *any), ElementsAre("{\"a\":[{}]}", "{}"));
  EXPECT_THAT(accepted("{\"a\":1}\n\n {\"b\":2} \r\n", *any, UploadFormat::kNdjson),
              ElementsAre("{\"a\":1}", "{\"b\":2}"));
  EXPECT_THAT(accepted("\xEF\xBB\xBF{}\n{}", *any, UploadFormat::kNdjson), ElementsAre("{}", "{}"));
}

TEST(UploadCheck, ChangesNothingButLineBreaks) {
  EXPECT_THAT(accepted("[{\r\n\t\"a\" :\n1.50e+1,\"b\":\"\\n\\u00e9\"}]", *schema("{}")),
              ElementsAre("{  \t\"a\" : 1.50e+1,\"b\":\"\\n\\u00e9\"}"));
}

TEST(UploadCheck, SaysWhereSyntaxIsWrongInCodePoints) {
  const Problem problem = refused("[{\"a\":1},\n {\"é€😀\": x}]", *schema("{}"));
  EXPECT_EQ(problem.status, 400);
  EXPECT_EQ(problem.line, 2u);
  EXPECT_EQ(problem.column, 10u);
  EXPECT_EQ(problem.detail,
            "Line 2, column 10: Here must be a value: a text in double quotes, a number, true, false, null, "
            "{ or [. A comma "
            "before ] or } is one too many.");
}

TEST(UploadCheck, CountsDepthFromTheRecord) {
  const auto nested = [](std::size_t depth) {
    return "{\"a\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  const auto any = schema("{}");
  const UploadLimits limits{.max_depth = 5};
  accepted(nested(5), *any, UploadFormat::kJson, limits);
  accepted("[" + nested(5) + "]", *any, UploadFormat::kJson, limits);
  EXPECT_EQ(refused(nested(6), *any, UploadFormat::kJson, limits).column, 10u);
}

TEST(UploadCheck, ListsTheFirstFaultOfEachRecord) {
  const auto strict = schema(R"({"additionalProperties":false,"properties":{"n":{"type":"integer"}}})");
  const Problem problem = refused(R"([{"n":"x","m":1},{"n":1},{"m":1,"n":"x"}])", *strict);
  EXPECT_EQ(problem.status, 422);
  EXPECT_EQ(problem.detail, "2 of 3 records are not valid.");
  EXPECT_THAT(problem.errors,
              ElementsAre(RecordFault{0, "/n", "type", "must be a whole number"},
                          RecordFault{2, "/m", "additionalProperties", "is not a field of this kind"}));
}

TEST(UploadCheck, StopsListingAtTheLimitButReadsToTheEnd) {
  const auto none = schema(R"({"additionalProperties":false})");
  std::string body = "[{}";
  for (int i = 0; i < 200; ++i) body += ",\n{\"a\":1}";
  const Problem problem = refused(body + "]", *none);
  EXPECT_EQ(problem.status, 422);
  EXPECT_EQ(problem.errors.size(), 100u);
  EXPECT_THAT(problem.detail, HasSubstr("first 100"));
  const Problem syntax = refused(body + "x]", *none);
  EXPECT_EQ(syntax.status, 400);
  EXPECT_EQ(syntax.line, 201u);
}

TEST(UploadCheck, ExplainsEachRule) {
  const struct {
    const char* schema;
    const char* value;
    const char* fault;
  } kCases[] = {
      {R"({"type":"boolean"})", "1", "/v type must be true or false"},
      {R"({"type":["string","null"]})", "1", "/v type must be a text in double quotes or null"},
      {R"({"type":"object"})", "[]", "/v type must be an object in { }"},
      {R"({"enum":["a",1,null]})", "2", R"(/v enum must be one of "a", 1, null)"},
      {R"({"minimum":1})", "0", "/v minimum must be at least 1"},
      {R"({"minimum":1,"exclusiveMinimum":true})", "1", "/v minimum must be greater than 1"},
      {R"({"maximum":1.5})", "2", "/v maximum must be at most 1.5"},
      {R"({"maximum":2,"exclusiveMaximum":true})", "2", "/v maximum must be less than 2"},
      {R"({"minLength":1})", "\"\"", "/v minLength must have at least 1 character"},
      {R"({"maxLength":2})", "\"ééé\"", "/v maxLength must have at most 2 characters"},
      {R"({"pattern":"^[0-9]{2}$"})", "\"1\"", "/v pattern must match the pattern ^[0-9]{2}$"},
      {R"({"pattern":"^[0-9]{2}$","title":"Two digits"})", "\"1\"",
       "/v pattern does not look like: Two digits"},
      {R"({"pattern":"^[0-9]{2}$","title":"Age","description":"2 digits."})", "\"1\"",
       "/v pattern does not fit its description: 2 digits."},
      {R"({"minItems":2})", "[1]", "/v minItems must have at least 2 items"},
      {R"({"maxItems":0})", "[1]", "/v maxItems must have at most 0 items"},
      {R"({"uniqueItems":true,"maxItems":9})", "[1,2,1]", "/v/2 uniqueItems repeats an earlier item"},
      {R"({"items":{"type":"null"}})", "[null,1]", "/v/1 type must be null"},
      {R"({"minProperties":1})", "{}", "/v minProperties must have at least 1 field"},
      {R"({"maxProperties":1})", R"({"a":1,"b":2})", "/v maxProperties must have at most 1 field"},
      {R"({"required":["a","b"]})", R"({"a":1})", "/v/b required is missing"},
      {R"({"additionalProperties":{"type":"null"}})", R"({"a":1})", "/v/a type must be null"},
      {R"({"anyOf":[{"type":"null"}]})", "1", "/v anyOf matches none of the allowed forms"},
      {R"({"oneOf":[{},{}]})", "1", "/v oneOf must match exactly one of the allowed forms"},
      {R"({"allOf":[{"type":"null"}]})", "1", "/v allOf does not have the required form"},
      {R"({"not":{}})", "1", "/v not has a form that is not allowed"},
      {R"({"$ref":"#/definitions/d"})", "1", "/v type must be a text in double quotes"},
      {R"({"items":{"format":"date-time"}})", R"(["2024-03-11T12:00:00 +00:00"])",
       "/v/0 format must be a date and time with offset, such as 2024-03-11T12:00:00+00:00"},
      {R"({"properties":{"e":{"format":"email"}}})", R"({"e":"x"})",
       "/v/e format must be an e-mail address, such as name@example.com"},
      {"{}", R"([{"a":{"b":1,"b":1}}])", "/v/0/a/b uniqueMembers is given twice"},
  };
  for (const auto& one : kCases) {
    SCOPED_TRACE(one.schema);
    const auto rules = schema(std::string(R"({"definitions":{"d":{"type":"string"}},"properties":{"v":)") +
                              one.schema + "}}");
    const Problem problem = refused(std::string("{\"v\":") + one.value + "}", *rules);
    ASSERT_EQ(problem.errors.size(), 1u);
    const RecordFault& fault = problem.errors[0];
    EXPECT_EQ(fault.pointer + " " + fault.keyword + " " + fault.detail, one.fault);
  }
}

TEST(UploadCheck, FollowsRecursiveSchemas) {
  const auto tree = schema(R"({"definitions":{"node":{"properties":{"mail":{"format":"email"},
      "below":{"items":{"$ref":"#/definitions/node"}}}}},"properties":{"tree":{"$ref":"#/definitions/node"}}})");
  accepted(R"({"tree":{"below":[{"mail":"a@b"},{"below":[]}]}})", *tree);
  const Problem problem = refused(R"({"tree":{"below":[{},{"below":[{"mail":"x"}]}]}})", *tree);
  ASSERT_EQ(problem.errors.size(), 1u);
  EXPECT_EQ(problem.errors[0].pointer, "/tree/below/1/below/0/mail");
}

TEST(UploadCheck, TellsEqualNamesAmongMany) {
  std::string members;
  for (int i = 0; i < 100'000; ++i) members += (i == 0 ? "\"m" : ",\"m") + std::to_string(i) + "\":0";
  const UploadLimits limits{.max_record_bytes = 10'000'000};
  const auto any = schema("{}");
  accepted("{" + members + "}", *any, UploadFormat::kJson, limits);
  const Problem problem = refused("{" + members + ",\"m99\":1}", *any, UploadFormat::kJson, limits);
  ASSERT_EQ(problem.errors.size(), 1u);
  EXPECT_EQ(problem.errors[0].pointer, "/m99");
}

TEST(UploadCheck, TakesTheSameNameInDifferentObjects) {
  accepted(R"({"a":{"a":1,"b":{"a":1}},"b":[{"a":1},{"a":1}]})", *schema("{}"));
}

TEST(UploadCheck, LimitsRecordsExactly) {
  const auto any = schema("{}");
  for (const UploadFormat format : {UploadFormat::kJson, UploadFormat::kNdjson}) {
    const bool json = format == UploadFormat::kJson;
    const std::string three = json ? "[{},{},{}]" : "{}\n{}\n{}";
    EXPECT_EQ(accepted(three, *any, format, {.max_records = 3}).size(), 3u);
    const Problem problem = refused(three, *any, format, {.max_records = 2});
    EXPECT_EQ(problem.status, 413);
    EXPECT_THAT(problem.errors,
                ElementsAre(RecordFault{2, "", "maxRecords",
                                        "An upload may have at most 2 records: send the rest in another."}));
  }
}

TEST(UploadCheck, LimitsTheBytesOfARecordExactly) {
  const auto any = schema("{}");
  accepted(R"([{"a":1}])", *any, UploadFormat::kJson, {.max_record_bytes = 7});
  const Problem problem = refused(R"([{},{"a":12}])", *any, UploadFormat::kJson, {.max_record_bytes = 7});
  EXPECT_EQ(problem.status, 413);
  ASSERT_EQ(problem.errors.size(), 1u);
  EXPECT_EQ(problem.errors[0].index, 1u);
  EXPECT_EQ(problem.errors[0].keyword, "maxRecordBytes");
}

TEST(UploadCheck, RefusesAMillionTinyRecords) {
  std::string body = "[{}";
  for (int i = 1; i < 1'000'000; ++i) body += ",{}";
  EXPECT_EQ(refused(body + "]", *schema("{}")).status, 413);
}

TEST(UploadCheck, RefusesATextOfTenMegabytes) {
  EXPECT_EQ(refused("[{\"a\":\"" + std::string(10'000'000, 'a') + "\"}]", *schema("{}")).status, 413);
  EXPECT_EQ(refused("[{\"" + std::string(10'000'000, '/') + "\":1}]", transaction()).status, 413);
}

TEST(UploadCheck, RefusesDepthOfAHundredThousand) {
  for (const std::string& opening : {std::string("["), std::string("{\"a\":")}) {
    std::string body;
    for (int i = 0; i < 100'000; ++i) body += opening;
    const Problem problem = refused(body, *schema("{}"));
    EXPECT_EQ(problem.status, 400);
    EXPECT_THAT(problem.detail, HasSubstr("deeper than 64"));
  }
}

TEST(UploadCheck, RefusesANumberOfAMillionDigits) {
  EXPECT_EQ(refused("{\"a\":" + std::string(1'000'000, '9') + "}", *schema("{}")).status, 400);
}

/// RapidJSON's pattern engine is not safe for threads; under the thread sanitizer this shows that ours is.
TEST(UploadCheck, ChecksPatternsInManyThreads) {
  const auto digits = schema(R"({"properties":{"v":{"pattern":"^([0-9]{1,3}|x)+$"}}})");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      for (int round = 0; round < 200; ++round) {
        std::string body = i % 2 == 0 ? R"([{"v":"123x456"},{"v":"1"}])" : R"([{"v":"123x456"},{"v":"y"}])";
        EXPECT_EQ(check_upload(body, UploadFormat::kJson, *digits, {}).index(),
                  static_cast<std::size_t>(i % 2));
      }
    });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace comporta
