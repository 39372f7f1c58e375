// Views for those who ask for tables, and those who ask by POST.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "services/cache/http_api.h"
#include "tests/support/cache/memory_view_store.h"

namespace comporta {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

using Headers = std::vector<std::pair<std::string, std::string>>;

class ListedTest : public ::testing::Test {
 protected:
  ListedTest() {
    std::vector<std::string> faults;
    kinds = KindSet::load(std::filesystem::path(COMPORTA_SOURCE_DIR) / "kinds", faults);
    store.answers["product/list {\"limit\":50}"] =
        found(R"({"cursor":"0;a&b","products":[{"id":"p1","price":2990,"seller":"s","title":"=Pão"}]})");
    store.answers["product/list {\"cursor\":\"0;a&b\",\"limit\":2}"] = found(R"({"products":[]})");
    store.answers[R"(order/revenue {"seller":"a b"})"] =
        found(R"({"seller_id":"a b","total_received":null})");
  }
  static ViewAnswer found(std::string json) { return {ViewAnswer::Outcome::kFound, std::move(json)}; }

  HttpResponse ask(HttpRequest request) { return HttpApi(kinds, keeper, store).answer(request); }
  HttpResponse get(const std::string& path, Headers headers, std::string query = {}) {
    return ask({.method = "GET",
                .path = path,
                .query = std::move(query),
                .headers = std::move(headers),
                .body = {}});
  }
  HttpResponse post(const std::string& path, std::string body, const std::string& type = "application/json",
                    std::string query = {}) {
    return ask({.method = "POST",
                .path = path,
                .query = std::move(query),
                .headers = {{"content-type", type}},
                .body = std::move(body)});
  }

  const std::string products = "/api/v1/views/product/list";
  const std::string revenue = "/api/v1/views/order/revenue";
  KindSet kinds;
  MemoryViewStore store;
  Metrics metrics;
  Gatekeeper keeper{{}, metrics};
};

TEST_F(ListedTest, AListIsATableForThoseWhoAskForOne) {
  const HttpResponse response = get(products, {{"accept", "text/csv"}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/csv; charset=utf-8; header=present");
  EXPECT_EQ(response.body, "\xEF\xBB\xBFid,title,price,seller\r\np1,'=Pão,2990,s\r\n")
      << "in the schema's order";
  EXPECT_THAT(response.headers, Contains(Pair("Vary", "Accept, Accept-Language")));
  EXPECT_THAT(response.headers, Contains(Pair("Link", "<?cursor=0%3Ba%26b>; rel=\"next\"")));
  EXPECT_THAT(response.headers, Contains(Key("ETag")));
}

TEST_F(ListedTest, ColumnsHaveLabelsInTheLanguageThatIsRead) {
  const auto names = [&](const char* language) {
    const std::string body = get(products, {{"accept", "text/csv"}, {"accept-language", language}}).body;
    return body.substr(3, body.find('\r') - 3);
  };
  EXPECT_EQ(names("pt-BR,pt;q=0.9,en;q=0.8"), "Produto,Título,Preço em centavos,Vendedor");
  EXPECT_EQ(names("de, en;q=0.5, pt;q=0.2"), "Product,Title,Price in cents,Seller");
  EXPECT_EQ(names("de"), "id,title,price,seller");
}

TEST_F(ListedTest, WhoeverDoesNotAskForATableGetsJson) {
  for (const char* accepted : {"", "*/*", "application/json, text/csv", "text/csv;q=0.5, application/json",
                               "text/html,application/xhtml+xml,*/*;q=0.8", "text/csv;q=0"}) {
    const HttpResponse response = get(products, {{"accept", accepted}});
    EXPECT_EQ(response.content_type, "application/json") << accepted;
    EXPECT_THAT(response.headers, Contains(Pair("Vary", "Accept, Accept-Language")))
        << "the other one is kept apart";
    EXPECT_THAT(response.headers, Not(Contains(Key("Link"))));
  }
}

TEST_F(ListedTest, TheTagIsThatOfTheTable) {
  const auto tag = [](const HttpResponse& response) {
    for (const auto& [name, value] : response.headers)
      if (name == "ETag") return value;
    return std::string();
  };
  const std::string json = tag(get(products, {}));
  const std::string table = tag(get(products, {{"accept", "text/csv"}}));
  EXPECT_NE(json, table);
  EXPECT_EQ(get(products, {{"accept", "text/csv"}, {"if-none-match", json}}).status, 200);
  EXPECT_EQ(get(products, {{"accept", "text/csv"}, {"if-none-match", table}}).status, 304);
}

TEST_F(ListedTest, TheNextPageIsAskedForWithTheSameParameters) {
  store.answers["product/list {\"limit\":2}"] = found(R"({"cursor":"0;a&b","products":[{"id":"p1"}]})");
  const HttpResponse first = get(products, {{"accept", "text/csv"}}, "limit=2");
  EXPECT_THAT(first.headers, Contains(Pair("Link", "<?cursor=0%3Ba%26b&limit=2>; rel=\"next\"")));
  const HttpResponse last = get(products, {{"accept", "text/csv"}}, "cursor=0%3Ba%26b&limit=2");
  EXPECT_EQ(last.body, "\xEF\xBB\xBF") << "of no rows nobody knows the columns";
  EXPECT_THAT(last.headers, Not(Contains(Key("Link"))));
}

TEST_F(ListedTest, WhatIsNoListIsNoTable) {
  const HttpResponse refused = get(revenue, {{"accept", "text/csv"}}, "seller=a+b");
  EXPECT_EQ(refused.status, 406);
  EXPECT_EQ(refused.content_type, "application/problem+json");
  EXPECT_EQ(get(revenue, {{"accept", "text/csv, */*;q=0.1"}}, "seller=a+b").content_type, "application/json");
}

TEST_F(ListedTest, AnErrorIsAProblemWhateverIsAccepted) {
  const HttpResponse response = get(products, {{"accept", "text/csv"}}, "limit=0");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.content_type, "application/problem+json");
}

TEST_F(ListedTest, AQuestionMayBePosted) {
  const HttpResponse response = post(revenue, R"({"seller":"a b"})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"seller_id":"a b","total_received":null})");
  EXPECT_THAT(response.headers, Contains(Pair("Cache-Control", "no-store")));
  EXPECT_EQ(post(products, R"({"cursor":"0;a&b","limit":2})").status, 200);
  EXPECT_EQ(post(products, R"({"limit":"50","cursor":null})").status, 200) << "as it would stand in a URL";
  EXPECT_EQ(post(products, "{}").status, 200);
  EXPECT_EQ(post(revenue + "/a%20b", "{}").status, 200);
}

TEST_F(ListedTest, APostedQuestionHasTheSameRules) {
  for (const char* body :
       {R"({"limit":0})", R"({"limit":101})", R"({"limit":1.5})", R"({"limit":1e1})", R"({"limit":true})",
        R"({"other":1})", R"({"limit":1,"limit":2})", R"({"limit":[1]})", R"({"cursor":{}})", "[]", "", "5",
        "{", "{\"cursor\":\"\xff\"}", R"({"cursor":"\u0000"})"})
    EXPECT_EQ(post(products, body).status, 400) << body;
  EXPECT_EQ(post(products, std::string(60'000, '[')).status, 400);
  EXPECT_EQ(post(products, "{}", "application/json", "limit=2").status, 400);
  EXPECT_EQ(post(products, "{}", "text/plain").status, 415);
  EXPECT_EQ(post("/api/v1/views/product/none", "{}").status, 404);
}

TEST_F(ListedTest, OnlyViewsAreAskedByPost) {
  for (const char* path : {"/api/v1/recent/product", "/api/v1/records/product/p1", "/api/v1/batches/x"})
    EXPECT_EQ(post(path, "{}").status, 405) << path;
  const HttpResponse put = ask({.method = "PUT", .path = products, .query = {}, .headers = {}, .body = {}});
  EXPECT_EQ(put.status, 405);
  EXPECT_THAT(put.headers, Contains(Pair("Allow", "GET, HEAD, POST")));
}

}  // namespace
}  // namespace comporta
