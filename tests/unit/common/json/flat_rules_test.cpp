#include "common/json/flat_rules.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/tsv.h"

namespace comporta {
namespace {

const std::string kRoot = COMPORTA_SOURCE_DIR;

std::optional<FlatRules> rules_of(const std::string& schema) {
  rapidjson::Document document;
  document.Parse(schema.c_str());
  return FlatRules::of(document);
}

std::string with_property(const std::string& property) {
  return R"({"type":"object","additionalProperties":false,"properties":{"a":)" + property + "}}";
}

// That what they accept is what RecordChecker accepts is shown by upload_check_test.cpp.
TEST(FlatRules, AcceptTransactionsAtOnce) {
  const auto rules = rules_of(test::read_bytes(kRoot + "/kinds/transaction/schema.json"));
  ASSERT_TRUE(rules);
  const std::string upload = test::read_bytes(kRoot + "/kinds/transaction/examples/Dados.json");
  EXPECT_TRUE(rules->accept(upload, 0, UploadFormat::kJson, {}));
}

TEST(FlatRules, AreOfSchemasWithoutAnythingElse) {
  EXPECT_TRUE(
      rules_of(with_property(R"({"type":["string","null"],"minLength":1,"format":"email","title":"A"})")));
  for (const char* property : {R"({})", R"({"type":"object"})", R"({"type":["string","array"]})",
                               R"({"type":"string","pattern":"a"})", R"({"type":"integer","minimum":1})",
                               R"({"enum":["a"]})", R"({"$ref":"#/definitions/a"})"})
    EXPECT_FALSE(rules_of(with_property(property))) << property;
}

TEST(FlatRules, AreOfClosedObjects) {
  for (const char* schema :
       {R"({})", R"({"type":"object","properties":{}})", R"({"additionalProperties":false,"properties":{}})",
        R"({"type":"object","additionalProperties":true,"properties":{}})",
        R"({"type":"object","additionalProperties":false})",
        R"({"type":"object","additionalProperties":false,"properties":{},"required":["a"]})",
        R"({"type":"object","additionalProperties":false,"properties":{},"anyOf":[{}]})"})
    EXPECT_FALSE(rules_of(schema)) << schema;
}

}  // namespace
}  // namespace comporta
