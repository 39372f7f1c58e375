// However a record's texts and names are spelled, it is the same record to all that reads it.

#include <gtest/gtest.h>

#include "common/kinds/transforms.h"
#include "services/ingest-gateway/one_record.h"
#include "tests/support/escaped.h"

namespace comporta::gateway {
namespace {

struct Read {
  std::string body;
  CheckedUpload checked;
};

/// Fails the test if a record like this is not taken.
Read read(std::string body) {
  static const auto kSchema = [] {
    std::vector<std::string> faults;
    return RecordSchema::compile(
        R"({"type":"object","additionalProperties":false,"required":["id","at"],"properties":{)"
        R"("id":{"type":"string","minLength":1,"maxLength":4},"code":{"enum":["abc"]},)"
        R"("at":{"type":"string","format":"date-time"},"card":{"type":"string","pattern":"^[0-9]{16}$"}}})",
        "schema.json", faults);
  }();
  auto result = check_upload(body, UploadFormat::kJson, *kSchema, {});
  const auto* problem = std::get_if<Problem>(&result);
  EXPECT_EQ(problem, nullptr) << body << (problem->errors.empty() ? "" : problem->errors[0].detail);
  if (problem != nullptr) return {};
  return {std::move(body), std::get<CheckedUpload>(std::move(result))};
}

const std::string kRecord =
    R"({"id":"ação","at":"2024-03-11T12:00:00Z","code":"abc","card":"4111111111111234"})";

TEST(Escapes, AreSeenThroughByTheSchema) {
  EXPECT_EQ(read(test::escaped(kRecord)).checked.records.size(), 1U);
}

TEST(Escapes, AreSeenThroughInTheKeyOfOneRecord) {
  Kind kind;
  kind.key = "id";
  const Read spelled = read(test::escaped(kRecord));
  EXPECT_FALSE(unless_the_one(kind, "ação", spelled.body, spelled.checked));
  EXPECT_TRUE(unless_the_one(kind, "acao", spelled.body, spelled.checked));
}

TEST(Escapes, HideNothingFromTransforms) {
  const Transforms transforms({{"/card", Transform::kMask}, {"/code", Transform::kDrop}}, "");
  Read spelled = read(test::escaped(kRecord));
  transforms.apply(spelled.body, spelled.checked);
  EXPECT_EQ(spelled.body.find(test::escaped(R"("code")")), std::string::npos) << spelled.body;
  EXPECT_NE(spelled.body.find(R"("**** **** **** 1234")"), std::string::npos) << spelled.body;
}

}  // namespace
}  // namespace comporta::gateway
