// Who is answered what: on the kinds of tests/data/people.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "services/cache/http_api.h"
#include "tests/support/cache/memory_view_store.h"

namespace comporta {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;

Caller somebody(std::string kind, std::string key, std::vector<std::string> roles = {}) {
  return {.kind = std::move(kind), .key = std::move(key), .roles = std::move(roles)};
}

class CacheAccess : public ::testing::Test {
 protected:
  CacheAccess() {
    std::vector<std::string> faults;
    kinds = KindSet::load(std::filesystem::path(COMPORTA_SOURCE_DIR) / "tests/data/people", faults);
    EXPECT_THAT(faults, ::testing::IsEmpty());
    keep("member:ana", R"({"id":"ana","email":"ana@example.com"})");
    keep("note:n1",
         R"({"id":"n1","text":"\"member\":\"bia\"","other":{"member":"bia"},"member":"an\u0061"})");
    keep("note:n2", R"({"id":"n2"})");
    keep("news:w1", R"({"id":"w1"})");
    keep("secret:s1", R"({"id":"s1"})");
    keep("badge:7", R"({"text":"x"})");
    keep("plain:p1", R"({"id":"p1"})");
    for (const auto* key : {"ana", "bia"})
      for (const auto* view : {"mine", "by-member", "hall"})
        store.answers["note/" + std::string(view) + " {\"member\":\"" + key + "\"}"] = {
            ViewAnswer::Outcome::kFound, "{\"of\":\"" + std::string(key) + "\"}"};
    for (const auto* question :
         {R"(note/board {"limit":10})", R"(note/all {"limit":10})", R"(note/recent {"limit":20})",
          R"(note/refused {"limit":100})", R"(news/recent {"limit":20})", R"(member/recent {"limit":20})",
          R"(member/accounts {"limit":100})", R"(staff/accounts {"limit":100})"})
      store.answers[question] = {ViewAnswer::Outcome::kFound, "{}"};
  }

  void keep(const std::string& name, const std::string& record) {
    store.records[name] = {record, MemoryViewStore::kForEver};
  }

  HttpResponse get(const std::string& path, const std::optional<Caller>& caller, std::string query = {}) {
    HttpRequest request;
    request.method = "GET";
    request.path = "/api/v1/" + path;
    request.query = std::move(query);
    return HttpApi(kinds, keeper, store).answer(request, caller);
  }
  /// To nobody, ana, bia, a clerk, a member of staff, an admin of any kind.
  std::vector<int> statuses(const std::string& path, const std::string& query = {}) {
    std::vector<int> all;
    for (const auto& caller : {nobody, ana, bia, clerk, staff, admin})
      all.push_back(get(path, caller, query).status);
    return all;
  }

  const std::optional<Caller> nobody;
  const std::optional<Caller> ana = somebody("member", "ana");
  const std::optional<Caller> bia = somebody("member", "bia");
  const std::optional<Caller> clerk = somebody("member", "cleo", {"clerk"});
  const std::optional<Caller> staff = somebody("staff", "7");
  const std::optional<Caller> admin = somebody("system", "operator", {"admin"});

  KindSet kinds;
  MemoryViewStore store;
  Metrics metrics;
  Gatekeeper keeper{{}, metrics};
};

using Statuses = std::vector<int>;

TEST_F(CacheAccess, OfRecordsThoseInSightAreFound) {
  EXPECT_EQ(statuses("records/plain/p1"), (Statuses{200, 200, 200, 200, 200, 200}));
  EXPECT_EQ(statuses("records/news/w1"), (Statuses{200, 200, 200, 200, 200, 200}));
  EXPECT_EQ(statuses("records/secret/s1"), (Statuses{401, 403, 403, 403, 403, 200}));
  EXPECT_EQ(statuses("records/note/n1"), (Statuses{401, 200, 404, 200, 403, 200}));
  EXPECT_EQ(statuses("records/note/n2"), (Statuses{401, 404, 404, 200, 403, 200})) << "nobody's";
  EXPECT_EQ(statuses("records/member/ana"), (Statuses{401, 200, 404, 200, 403, 200}));
  EXPECT_EQ(statuses("records/badge/7"), (Statuses{401, 403, 403, 403, 200, 200}));
}

TEST_F(CacheAccess, WhatIsSomebodyElsesIsAsIfItWereNotThere) {
  const HttpResponse theirs = get("records/note/n1", bia);
  EXPECT_EQ(theirs.body.substr(0, theirs.body.find("instance")),
            get("records/note/n9", bia).body.substr(0, theirs.body.find("instance")));
}

TEST_F(CacheAccess, AKeyAloneIsNoOwner) {
  EXPECT_EQ(get("records/note/n1", somebody("staff", "ana")).status, 403) << "an account of another kind";
  EXPECT_EQ(get("records/note/n2", somebody("member", "")).status, 404);
  EXPECT_EQ(get("records/member/ana", somebody("staff", "ana")).status, 403);
}

TEST_F(CacheAccess, ViewsHaveRulesOfTheirOwn) {
  EXPECT_EQ(statuses("views/note/board"), (Statuses{200, 200, 200, 200, 200, 200}));
  EXPECT_EQ(statuses("views/note/all"), (Statuses{401, 403, 403, 200, 403, 200})) << "of a list nobody owns";
  EXPECT_EQ(statuses("recent/note"), (Statuses{401, 403, 403, 200, 403, 200}));
  EXPECT_EQ(statuses("recent/member"), (Statuses{401, 403, 403, 200, 403, 200}));
  EXPECT_EQ(statuses("recent/news"), (Statuses{200, 200, 200, 200, 200, 200}));
  EXPECT_EQ(statuses("views/note/refused"), (Statuses{401, 403, 403, 200, 403, 200}));
  EXPECT_EQ(statuses("views/member/accounts"), (Statuses{401, 403, 403, 403, 403, 200}));
  EXPECT_EQ(statuses("views/staff/accounts"), (Statuses{401, 403, 403, 403, 403, 200}));
  EXPECT_EQ(statuses("views/note/accounts"), (Statuses{404, 404, 404, 404, 404, 404}));
}

TEST_F(CacheAccess, OwnViewsAreAskedByOnesOwnKey) {
  EXPECT_EQ(get("views/note/mine", ana).body, R"({"of":"ana"})");
  EXPECT_EQ(get("views/note/mine", bia).body, R"({"of":"bia"})");
  EXPECT_EQ(statuses("views/note/mine"), (Statuses{401, 200, 200, 404, 403, 400}));
  EXPECT_EQ(statuses("views/note/mine", "member=ana"), (Statuses{401, 200, 403, 403, 403, 200}));
  EXPECT_EQ(statuses("views/note/mine/ana"), (Statuses{401, 200, 403, 403, 403, 200}));
  EXPECT_EQ(statuses("views/note/by-member/ana"), (Statuses{401, 200, 403, 200, 403, 200}));
  EXPECT_EQ(statuses("views/note/hall/ana"), (Statuses{401, 200, 403, 403, 403, 200}))
      << "to have logged in is no role";
  EXPECT_EQ(get("views/note/mine", ana, "other=1").status, 400);
}

TEST_F(CacheAccess, WhatIsNotEverybodysIsKeptByNobody) {
  const auto kept = [](const HttpResponse& response) {
    for (const auto& [name, value] : response.headers)
      if (name == "Cache-Control") return value;
    return std::string();
  };
  EXPECT_EQ(kept(get("views/note/board", ana)), "private, no-cache");
  for (const auto* path : {"views/note/mine", "views/note/by-member/ana"})
    EXPECT_EQ(kept(get(path, ana)), "private, no-store") << path;
  EXPECT_EQ(kept(get("views/note/all", clerk)), "private, no-store");
  EXPECT_EQ(kept(get("records/note/n1", ana)), "no-store");
}

TEST_F(CacheAccess, TheTagOfOneIsNotAnothers) {
  HttpRequest request;
  request.method = "GET";
  request.path = "/api/v1/views/note/mine";
  HttpApi api(kinds, keeper, store);
  const HttpResponse anas = api.answer(request, ana);
  ASSERT_THAT(anas.headers, Contains(Pair("ETag", ::testing::_)));
  for (const auto& [name, value] : anas.headers)
    if (name == "ETag") request.headers = {{"if-none-match", value}};
  EXPECT_EQ(api.answer(request, ana).status, 304);
  EXPECT_EQ(api.answer(request, bia).status, 200);
  EXPECT_EQ(api.answer(request, nobody).status, 401);
}

TEST_F(CacheAccess, AClosedInstallationOpensNothingToNobody) {
  Gatekeeper closed({.closed = true}, metrics);
  HttpApi api(kinds, closed, store);
  HttpRequest request;
  request.method = "GET";
  for (const auto* path : {"records/plain/p1", "records/news/w1", "views/note/board", "recent/news",
                           "batches/01935c1e-7a2b-7c3d-8e4f-5a6b7c8d9e0f"}) {
    request.path = std::string("/api/v1/") + path;
    EXPECT_EQ(api.answer(request, nobody).status, 401) << path;
    EXPECT_EQ(api.answer(request, staff).status, 200) << path;
  }
}

TEST_F(CacheAccess, ATokenThatIsNotBelievedIsRefusedEvenWhereAllIsOpen) {
  HttpRequest request;
  request.method = "GET";
  request.headers = {{"authorization", "Bearer x"}};
  for (const auto* path : {"records/plain/p1", "views/note/board", "recent/news", "batches/x"}) {
    request.path = std::string("/api/v1/") + path;
    EXPECT_EQ(HttpApi(kinds, keeper, store).answer(request).status, 401) << path;
  }
}

}  // namespace
}  // namespace comporta
