#include "services/ingest-gateway/kinds_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace comporta::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string json_of(const std::string& folder, bool closed = false) {
  std::vector<std::string> faults;
  Metrics metrics;
  const Gatekeeper keeper({.closed = closed}, metrics);
  return kinds_json(KindSet::load(std::filesystem::path(COMPORTA_SOURCE_DIR) / folder, faults), keeper);
}

TEST(KindsJson, SaysWhatAKindHas) {
  const std::string json = json_of("tests/data/good/kinds");
  EXPECT_THAT(
      json,
      HasSubstr(
          R"({"name":"purchase","family":"sales","title":{"pt":"Compra","en":"Purchase"},)"
          R"("key":"id","ttl_seconds":3600,"time_zone":"Europe/Lisbon","cache_fields":["id","cpf","card"],)"
          R"("transforms":["/card/cvv","/card/number","/cpf"],"stamps":[],)"
          R"("labels":{"/card/number":{"pt":"Número do cartão","en":"Card number"},)"));
  EXPECT_THAT(json,
              HasSubstr(R"(,"reasons":{"it is sold out":{"pt":"está esgotado","en":"it is sold out"}},)"));
  EXPECT_THAT(
      json, HasSubstr(R"("views":[{"name":"list","title":{"pt":"Compras","en":"Purchases"},)"
                      R"("href":"/api/v1/views/purchase/list","parameters":[)"
                      R"({"name":"clientId","type":"text","required":true,"min":1,"max":128},)"
                      R"({"name":"day","type":"date","required":false},)"
                      R"({"name":"limit","type":"count","required":false,"default":"50","min":1,"max":100},)"
                      R"({"name":"open","type":"flag","required":false,"default":"false"}]}],"lookups":[])"));
}

TEST(KindsJson, SaysWhatMayBeLookedUpAndNothingOfTheProvider) {
  const std::string json = json_of("tests/data/lookups");
  EXPECT_THAT(json,
              HasSubstr(R"("lookups":[{"name":"cashback","title":{"pt":"Cashback acumulado",)"
                        R"("en":"Accumulated cashback"},"href":"/api/v1/lookups/sale/cashback",)"
                        R"("parameters":[{"name":"cpf","type":"cpf","required":true,"from":"principal"}],)"
                        R"("result":[{"name":"credit","type":"number"}]},)"));
  EXPECT_THAT(json, HasSubstr(R"("views":{"cashback":["owner","clerk"],)"));
  for (const auto* inner : {"https", "token", "/body/credit"}) EXPECT_THAT(json, Not(HasSubstr(inner)));
}

TEST(KindsJson, SaysThatAKindHasNothingOfIt) {
  EXPECT_THAT(
      json_of("tests/data/good/kinds"),
      HasSubstr(
          R"({"name":"plain","family":"plain","title":{"pt":"Simples","en":"Plain"},"key":"id",)"
          R"("ttl_seconds":0,"time_zone":"UTC","cache_fields":["id"],"transforms":[],"stamps":[],"labels":{},"views":[],"lookups":[],)"
          R"("schema":"/api/v1/kinds/plain/schema.json","samples":[]})"));
}

TEST(KindsJson, SaysWhoMayDoWhat) {
  EXPECT_THAT(
      json_of("tests/data/good/kinds"),
      HasSubstr(R"("stamps":["since"],"access":{"create":["anyone"],"change":["owner"],)"
                R"("read":["owner","clerk"],"views":{},"owner":"id","accounts":["member"]},)"
                R"("account":{"login":"email","password":"password","roles":"roles","sign_up":["anyone"]},)"
                R"("labels")"));
}

TEST(KindsJson, SaysWhatIsInForce) {
  const std::string json = json_of("tests/data/good/kinds", true);
  EXPECT_THAT(json, HasSubstr(R"("name":"plain",)"));
  EXPECT_THAT(json, HasSubstr(R"("stamps":[],"access":{"create":["login"],"change":["login"],)"
                              R"("read":["login"],"views":{},"accounts":[]},)"));
  EXPECT_THAT(json, HasSubstr(R"("access":{"create":["anyone"],"change":["owner"],)")) << "signing up stays";
}

TEST(KindsJson, HasThePageOfAKind) {
  EXPECT_THAT(json_of("tests/data/good/kinds"),
              HasSubstr(R"("samples":[],"page":{"path":"visits","title":{"pt":"Visitas","en":"Visits"},)"
                        R"("who":["login","clerk"],"panels":[{"as":"table",)"));
}

TEST(KindsJson, LinksTheSamples) {
  EXPECT_THAT(json_of("kinds"),
              HasSubstr(R"("href":"/api/v1/kinds/transaction/samples/Dados%20-%20Fraude1.json")"));
}

}  // namespace
}  // namespace comporta::gateway
