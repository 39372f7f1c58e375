#include "services/ingest-gateway/kinds_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace comporta::gateway {
namespace {

using ::testing::HasSubstr;

std::string json_of(const std::string& folder) {
  std::vector<std::string> faults;
  return kinds_json(KindSet::load(std::filesystem::path(COMPORTA_SOURCE_DIR) / folder, faults));
}

TEST(KindsJson, SaysWhatAKindHas) {
  const std::string json = json_of("tests/data/good/kinds");
  EXPECT_THAT(
      json,
      HasSubstr(
          R"({"name":"purchase","family":"sales","title":{"pt":"Compra","en":"Purchase"},)"
          R"("key":"id","ttl_seconds":3600,"time_zone":"Europe/Lisbon","cache_fields":["id","cpf","card"],)"
          R"("transforms":["/card/cvv","/card/number","/cpf"],)"
          R"("labels":{"/card/number":{"pt":"Número do cartão","en":"Card number"},)"));
  EXPECT_THAT(
      json, HasSubstr(R"("views":[{"name":"list","title":{"pt":"Compras","en":"Purchases"},)"
                      R"("href":"/api/v1/views/purchase/list","parameters":[)"
                      R"({"name":"clientId","type":"text","required":true,"min":1,"max":128},)"
                      R"({"name":"day","type":"date","required":false},)"
                      R"({"name":"limit","type":"count","required":false,"default":"50","min":1,"max":100},)"
                      R"({"name":"open","type":"flag","required":false,"default":"false"}]}])"));
}

TEST(KindsJson, SaysThatAKindHasNothingOfIt) {
  EXPECT_THAT(
      json_of("tests/data/good/kinds"),
      HasSubstr(
          R"({"name":"plain","family":"plain","title":{"pt":"Simples","en":"Plain"},"key":"id",)"
          R"("ttl_seconds":0,"time_zone":"UTC","cache_fields":["id"],"transforms":[],"labels":{},"views":[],)"
          R"("schema":"/api/v1/kinds/plain/schema.json","samples":[]})"));
}

TEST(KindsJson, LinksTheSamples) {
  EXPECT_THAT(json_of("kinds"),
              HasSubstr(R"("href":"/api/v1/kinds/transaction/samples/Dados%20-%20Fraude1.json")"));
}

}  // namespace
}  // namespace comporta::gateway
