// Who is shown which objects, on the kinds of tests/data/people.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "services/storage/http_api.h"
#include "tests/support/batches.h"

namespace comporta {
namespace {

using test::batch_id;
using test::batch_name;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint8_t kAnas = 100;
constexpr std::uint8_t kNobodys = 101;

struct Shelf final : ObjectReader {
  std::map<std::string, std::string> objects;

  std::optional<std::string> get(const std::string& name) const override {
    const auto found = objects.find(name);
    return found == objects.end() ? std::nullopt : std::optional(found->second);
  }
  ObjectPage list(const std::string&, const std::string&, std::size_t) const override { return {}; }
};

class StorageAccess : public testing::Test {
 protected:
  StorageAccess() {
    std::vector<std::string> faults;
    kinds = KindSet::load(std::filesystem::path(COMPORTA_SOURCE_DIR) / "tests/data/people", faults);
    for (const auto* kind : {"plain", "note", "news", "secret", "member", "gone"})
      shelf.objects[batch_name(kind, 1)] =
          line_of(kAnas, "member/ana", R"({"id":"a","password":"$argon2id$1"})") +
          line_of(kNobodys, "", R"({"id":"b","password":"$argon2id$2"})");
  }

  static std::string line_of(std::uint8_t upload, const std::string& principal, const std::string& records) {
    PartHeader header;
    header.upload = batch_id(upload);
    header.received = rfc3339(test::kSomeTime);
    header.principal = principal;
    std::string line;
    append_part_line(line, header, records);
    return line;
  }

  HttpResponse get(const std::string& path, const std::optional<Caller>& caller,
                   const std::string& query = {}) {
    return HttpApi(kinds, keeper, shelf, pool)
        .answer(
            {.method = "GET", .path = "/api/v1/objects/" + path, .query = query, .headers = {}, .body = {}},
            caller);
  }
  /// To nobody, ana, bia, a clerk, an admin, the operator.
  std::vector<int> statuses(const std::string& path, const std::string& query = {}) {
    std::vector<int> all;
    for (const auto& caller : {nobody, ana, bia, clerk, admin, op})
      all.push_back(get(path, caller, query).status);
    return all;
  }
  static std::string of(std::uint8_t upload) { return "upload=" + batch_id(upload); }

  const std::optional<Caller> nobody;
  const std::optional<Caller> ana = Caller{.kind = "member", .key = "ana", .roles = {}};
  const std::optional<Caller> bia = Caller{.kind = "member", .key = "bia", .roles = {}};
  const std::optional<Caller> clerk = Caller{.kind = "member", .key = "cleo", .roles = {"clerk"}};
  const std::optional<Caller> admin = Caller{.kind = "staff", .key = "7", .roles = {"admin"}};
  const std::optional<Caller> op = Caller{.kind = "system", .key = "operator", .roles = {"admin"}};

  KindSet kinds;
  Shelf shelf;
  Metrics metrics;
  Gatekeeper keeper{{}, metrics};
  WorkerPool pool{"test", 1, 1};
};

using Statuses = std::vector<int>;

TEST_F(StorageAccess, ListsAndWholeObjectsAreForAdmins) {
  for (const auto* kind : {"note", "news", "secret", "member"}) {
    EXPECT_EQ(statuses(kind), (Statuses{401, 403, 403, 403, 200, 200})) << kind;
    EXPECT_EQ(statuses(batch_name(kind, 1)), (Statuses{401, 403, 403, 403, 200, 200})) << kind;
    EXPECT_EQ(statuses(batch_name(kind, 2)), (Statuses{401, 403, 403, 403, 404, 404})) << kind;
  }
  EXPECT_EQ(statuses("plain"), (Statuses{200, 200, 200, 200, 200, 200}));
  EXPECT_EQ(statuses(batch_name("plain", 1)), (Statuses{200, 200, 200, 200, 200, 200}));
}

TEST_F(StorageAccess, AnUploadIsShownToThoseWhoSentItAndThoseWhoMayRead) {
  const auto of_kind = [this](const std::string& kind, std::uint8_t upload) {
    return statuses(batch_name(kind, 1), of(upload));
  };
  EXPECT_EQ(of_kind("plain", kAnas), (Statuses{200, 200, 200, 200, 200, 200}));
  EXPECT_EQ(of_kind("news", kAnas), (Statuses{200, 200, 200, 200, 200, 200}));
  EXPECT_EQ(of_kind("note", kAnas), (Statuses{401, 200, 404, 200, 200, 200}));
  EXPECT_EQ(of_kind("note", kNobodys), (Statuses{401, 404, 404, 200, 200, 200}));
  EXPECT_EQ(of_kind("secret", kAnas), (Statuses{401, 200, 404, 404, 200, 200}))
      << "what was sent is one's own";
  EXPECT_EQ(of_kind("member", kNobodys), (Statuses{401, 404, 404, 200, 200, 200}));
}

TEST_F(StorageAccess, OfAKindThatIsGoneNobodyKnowsWhoMay) {
  EXPECT_EQ(statuses("gone"), (Statuses{404, 404, 404, 404, 404, 200}));
  EXPECT_EQ(statuses(batch_name("gone", 1)), (Statuses{404, 404, 404, 404, 404, 200}));
  EXPECT_EQ(statuses(batch_name("gone", 1), of(kAnas)), (Statuses{404, 404, 404, 404, 404, 200}));
}

TEST_F(StorageAccess, PasswordsAreInNoAnswerButTheOperators) {
  for (const auto& query : {std::string(), of(kNobodys)}) {
    EXPECT_THAT(get(batch_name("member", 1), admin, query).body, Not(HasSubstr("$argon2id$"))) << query;
    EXPECT_THAT(get(batch_name("member", 1), admin, query).body, HasSubstr(R"({"id":"b"})")) << query;
  }
  EXPECT_THAT(get(batch_name("member", 1), ana, of(kAnas)).body, Not(HasSubstr("$argon2id$")));
  EXPECT_EQ(get(batch_name("member", 1), op).body, shelf.objects[batch_name("member", 1)]);
  EXPECT_NE(get(batch_name("member", 1), admin).headers.front(),
            get(batch_name("member", 1), op).headers.front())
      << "another answer has another tag";
}

TEST_F(StorageAccess, WhatIsNotEverybodysIsKeptByNobody) {
  const auto kept = [this](const std::string& kind, const std::string& query = {}) {
    return get(batch_name(kind, 1), admin, query).headers.at(1).second;
  };
  EXPECT_EQ(kept("plain"), "private, max-age=31536000, immutable");
  for (const auto* kind : {"note", "news", "member"}) {
    EXPECT_EQ(kept(kind), "private, no-store") << kind;
    EXPECT_EQ(kept(kind, of(kAnas)), "private, no-store") << kind;
  }
}

TEST_F(StorageAccess, AClosedInstallationOpensNothingToNobody) {
  Gatekeeper closed({.closed = true}, metrics);
  const HttpApi api(kinds, closed, shelf, pool);
  for (const auto& [path, query] : std::map<std::string, std::string>{
           {"plain", ""}, {batch_name("plain", 1), ""}, {batch_name("news", 1), of(kAnas)}}) {
    const HttpRequest request{
        .method = "GET", .path = "/api/v1/objects/" + path, .query = query, .headers = {}, .body = {}};
    EXPECT_EQ(api.answer(request, nobody).status, 401) << path;
    EXPECT_EQ(api.answer(request, bia).status, 200) << path;
  }
}

TEST_F(StorageAccess, ATokenThatIsNotBelievedIsRefusedEvenWhereAllIsOpen) {
  const HttpRequest request{.method = "GET",
                            .path = "/api/v1/objects/plain",
                            .query = {},
                            .headers = {{"authorization", "Bearer x"}},
                            .body = {}};
  EXPECT_EQ(HttpApi(kinds, keeper, shelf, pool).answer(request).status, 401);
}

}  // namespace
}  // namespace comporta
