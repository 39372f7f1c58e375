#include "services/ingest-gateway/openapi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "common/json/rapid.h"

namespace comporta::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// The document of an installation with these kinds.
class OpenApi : public ::testing::Test {
 protected:
  void make(const std::string& folder, bool closed = false) {
    std::vector<std::string> faults;
    Metrics metrics;
    const Gatekeeper keeper({.closed = closed}, metrics);
    const KindSet kinds = KindSet::load(std::filesystem::path(COMPORTA_SOURCE_DIR) / folder, faults);
    ASSERT_TRUE(faults.empty());
    text_ = openapi_json(kinds, keeper, 14);
    document_.Parse(text_.data(), text_.size());
    ASSERT_FALSE(document_.HasParseError());
  }

  /// What a JSON pointer leads to, as JSON; empty if there is nothing.
  std::string at(const std::string& pointer) const {
    const rapidjson::Value* const found = rapidjson::Pointer(pointer.data(), pointer.size()).Get(document_);
    return found == nullptr ? std::string() : json_text(*found);
  }

  std::string text_;
  rapidjson::Document document_;
};

TEST_F(OpenApi, SaysARecordInTheWordsOfToday) {
  make("tests/data/good/kinds");
  const std::string schema = "/components/schemas/record.wide/";
  EXPECT_EQ(at(schema + "$schema"), "");
  EXPECT_EQ(at(schema + "$defs/place"), R"({"type":"string","minLength":1})");
  EXPECT_EQ(at(schema + "properties/from"), R"({"$ref":"#/components/schemas/record.wide/$defs/place"})");
  EXPECT_EQ(at(schema + "properties/above"), R"({"type":"number","exclusiveMinimum":0})");
  EXPECT_EQ(at(schema + "properties/upto"), R"({"type":"number","maximum":9})");
  EXPECT_THAT(at(schema + "properties/at"), HasSubstr(R"("anyOf":[{"format":"date-time"},{"pattern":)"));
  EXPECT_EQ(at(schema + "properties/made"), "false") << "others are allowed, but not what is stamped";
  EXPECT_EQ(at(schema + "required"), R"(["id","from"])");
}

TEST_F(OpenApi, AsksForNoPasswordThatWouldBeTooShort) {
  make("tests/data/good/kinds");
  EXPECT_EQ(at("/components/schemas/record.member/properties/password/minLength"), "14");
  EXPECT_EQ(at("/components/schemas/new.member"), "") << "its key is not stamped: it may be a change";
}

TEST_F(OpenApi, HasNoAliasOfAKindThatIsNotThere) {
  make("tests/data/good/kinds");
  EXPECT_EQ(at("/paths/~1revenue~1{seller}"), "");
  EXPECT_EQ(at("/paths/~1api~1v1~1records~1{kind}"), "") << "a pattern";
  EXPECT_THAT(text_, Not(HasSubstr("x-kinds")));
  EXPECT_EQ(at("/components/parameters/KindOfAccounts/schema"), R"({"enum":["badge","member"]})");
  make("kinds");
  EXPECT_NE(at("/paths/~1revenue~1{seller}"), "");
}

TEST_F(OpenApi, SaysWhatIsInForce) {
  const std::string upload = "/paths/~1api~1v1~1records~1plain/post/";
  make("tests/data/good/kinds");
  EXPECT_EQ(at(upload + "security"), "");
  make("tests/data/good/kinds", true);
  EXPECT_EQ(at(upload + "security"), R"([{"token":[]}])");
  EXPECT_EQ(at(upload + "x-who"), R"(["login"])");
}

TEST_F(OpenApi, KnowsEachLookup) {
  make("kinds");
  const std::string get = "/paths/~1api~1v1~1lookups~1purchase~1cashback/get/";
  EXPECT_EQ(at("/paths/~1api~1v1~1lookups~1{kind}~1{lookup}"), "") << "a pattern";
  EXPECT_EQ(at(get + "operationId"), R"("lookUp.purchase.cashback")");
  EXPECT_EQ(at(get + "x-who"), R"(["owner"])");
  EXPECT_EQ(at(get + "parameters/0/name"), R"("cpf")");
  const std::string answer = get + "responses/200/content/application~1json/schema/";
  EXPECT_EQ(at(answer + "properties/credit"), R"({"type":"number"})");
  EXPECT_EQ(at(answer + "required"), R"(["fetched_at","stale","credit"])");
}

TEST_F(OpenApi, SaysWhatANoticeNeeds) {
  make("tests/data/hooks");
  const auto parameters = [&](const char* kind) {
    return at(std::string("/paths/~1api~1v1~1hooks~1") + kind + "/post/parameters");
  };
  EXPECT_THAT(parameters("ping"), HasSubstr(R"({"name":"from","in":"query","required":true,"schema":)"));
  EXPECT_THAT(parameters("notice"),
              HasSubstr(R"("name":"topic","in":"query","description":"This or `type` is needed.")"))
      << "the key is put together from it";
  EXPECT_THAT(parameters("push"),
              HasSubstr(R"({"name":"x-github-event","in":"header","required":true,"schema":)"
                        R"({"type":"string","minLength":1,"maxLength":64}})"));
  EXPECT_THAT(parameters("push"),
              HasSubstr(R"({"name":"x-hub-signature-256","in":"header","schema":{"type":"string"}})"));
  EXPECT_THAT(parameters("push"), Not(HasSubstr("/ref"))) << "it stands in the body";
}

TEST_F(OpenApi, SaysWhichWordsAParameterMayBe) {
  make("kinds");
  const std::string predict = "/paths/~1api~1v1~1views~1prediction~1predict/";
  EXPECT_THAT(at(predict + "get/parameters"), HasSubstr(R"({"type":"string","enum":["female","male"]})"));
  EXPECT_EQ(at(predict + "post/requestBody/content/application~1json/schema/properties/gender"),
            R"({"type":"string","enum":["female","male"]})");
}

TEST_F(OpenApi, ShowsAParameterThatFits) {
  make("kinds");
  const std::string query = "/paths/~1api~1v1~1views~1transaction~1check-fraud~1{transactionId}/get/";
  EXPECT_THAT(at("/paths/~1api~1v1~1views~1transaction~1check-fraud~1{transactionId}/parameters"),
              HasSubstr(R"({"name":"transactionId","in":"path","required":true,"example":"cliente1",)"));
  EXPECT_EQ(at("/paths/~1api~1v1~1records~1transaction~1{key}/parameters/0/example"), R"("cliente1")");
  EXPECT_EQ(at(query + "responses/200/content/application~1json/schema"),
            R"({"$ref":"#/components/schemas/answer.transaction.check-fraud"})");
}

TEST_F(OpenApi, SaysWhatMayBePosted) {
  make("kinds");
  const std::string body = "post/requestBody/content/application~1json/schema";
  const std::string query = "/paths/~1api~1v1~1views~1transaction~1check-fraud";
  EXPECT_EQ(
      at(query + "/" + body),
      R"({"type":"object","additionalProperties":false,"properties":{"transactionId":)"
      R"({"type":"string","minLength":1,"maxLength":512,"examples":["cliente1"]}},"required":["transactionId"]})");
  EXPECT_EQ(at(query + "~1{transactionId}/" + body),
            R"({"type":"object","additionalProperties":false,"properties":{}})");
}

}  // namespace
}  // namespace comporta::gateway
