#include "services/storage/http_api.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "common/base/digest.h"
#include "common/base/error.h"
#include "services/storage/filesystem_store.h"
#include "tests/support/batches.h"
#include "tests/support/temporary_folder.h"

namespace comporta {
namespace {

using test::batch_id;
using test::batch_name;
using test::part_line;

std::string header(const HttpResponse& response, const std::string& name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

KindSet test_kinds() {
  std::vector<std::string> faults;
  return KindSet::load(std::filesystem::path(COMPORTA_SOURCE_DIR) / "tests/data/people", faults);
}

class HttpApiTest : public testing::Test {
 protected:
  HttpApiTest() {
    put(1, mine + theirs + mine);
    for (std::uint8_t number = 2; number <= 5; ++number) put(number, theirs);
  }

  void put(std::uint8_t number, const std::string& body) {
    FilesystemWriter writer(folder.path());
    writer.start_put(1, std::make_shared<const NewObject>(
                            NewObject{.name = batch_name("plain", number), .body = body, .sha256 = {}}));
    EXPECT_EQ(writer.poll(-1, std::chrono::milliseconds(0)).at(0).fault, std::nullopt);
  }
  HttpResponse get(const std::string& path, const std::string& query = {},
                   const std::string& if_none_match = {}) const {
    HttpRequest request{.method = "GET", .path = path, .query = query, .headers = {}, .body = {}};
    if (!if_none_match.empty()) request.headers.emplace_back("if-none-match", if_none_match);
    return api.answer(request);
  }
  static std::string path_of(std::uint8_t number) { return "/api/v1/objects/" + batch_name("plain", number); }

  const std::string mine = part_line(batch_id(100), R"({"_id":"a"})");
  const std::string theirs = part_line(batch_id(101), R"({"_id":"b"})");
  test::TemporaryFolder folder;
  FilesystemReader reader{folder.path()};
  WorkerPool pool{"test", 1, 1};
  const KindSet kinds = test_kinds();
  Metrics metrics;
  Gatekeeper keeper{{}, metrics};
  HttpApi api{kinds, keeper, reader, pool};
};

TEST_F(HttpApiTest, GivesAnObjectAsItIs) {
  const HttpResponse response = get(path_of(1));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/x-ndjson");
  EXPECT_EQ(response.body, mine + theirs + mine);
  EXPECT_EQ(header(response, "ETag"), '"' + to_hex(sha256(response.body)) + '"');
  EXPECT_NE(header(response, "Cache-Control").find("immutable"), std::string::npos);
}

TEST_F(HttpApiTest, GivesTheLinesOfOneUpload) {
  const HttpResponse response = get(path_of(1), "upload=" + batch_id(100));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, mine + mine);
  EXPECT_NE(header(response, "ETag"), header(get(path_of(1)), "ETag"));
}

TEST_F(HttpApiTest, AnUploadThatIsNotInTheObjectIsNotFound) {
  EXPECT_EQ(get(path_of(2), "upload=" + batch_id(100)).status, 404);
}

TEST_F(HttpApiTest, AnUploadNamedInARecordIsNotThatUpload) {
  put(6, part_line(batch_id(101), R"({"note":"{\"upload\":\")" + batch_id(100) + R"(\""})"));
  EXPECT_EQ(get(path_of(6), "upload=" + batch_id(100)).status, 404);
}

TEST_F(HttpApiTest, SaysNotModifiedToWhoHasItAlready) {
  const std::string etag = header(get(path_of(1)), "ETag");
  for (const std::string& value : {etag, "W/" + etag, "\"other\", " + etag}) {
    const HttpResponse response = get(path_of(1), {}, value);
    EXPECT_EQ(response.status, 304) << value;
    EXPECT_EQ(response.body, "") << value;
    EXPECT_EQ(header(response, "ETag"), etag) << value;
  }
  EXPECT_EQ(get(path_of(1), {}, "\"other\"").status, 200);
}

TEST_F(HttpApiTest, AnswersHeadAsGet) {
  const HttpResponse response =
      api.answer({.method = "HEAD", .path = path_of(1), .query = {}, .headers = {}, .body = {}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, mine + theirs + mine);  // the server leaves the body out
}

TEST_F(HttpApiTest, PagesThroughADay) {
  const HttpResponse first = get("/api/v1/objects/plain", "date=2026-11-22&limit=2");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.content_type, "application/json");
  EXPECT_NE(first.body.find("{\"name\":\"" + batch_name("plain", 1) + "\",\"href\":\"" + path_of(1) +
                            "\",\"size_bytes\":" + std::to_string((mine + theirs + mine).size()) +
                            ",\"stored_at\":\""),
            std::string::npos)
      << first.body;
  EXPECT_TRUE(first.body.ends_with("],\"next\":\"" + batch_id(2) + "\"}")) << first.body;

  const HttpResponse last = get("/api/v1/objects/plain", "date=2026-11-22&limit=3&cursor=" + batch_id(2));
  EXPECT_EQ(last.body.find(batch_id(2)), std::string::npos);
  for (std::uint8_t number = 3; number <= 5; ++number)
    EXPECT_NE(last.body.find(path_of(number)), std::string::npos);
  EXPECT_TRUE(last.body.ends_with("],\"next\":null}")) << last.body;
}

TEST_F(HttpApiTest, ADayWithoutObjectsIsAnEmptyPage) {
  EXPECT_EQ(get("/api/v1/objects/plain", "date=2020-01-01").body, "{\"objects\":[],\"next\":null}");
}

TEST_F(HttpApiTest, RefusesWithAProblem) {
  struct Case {
    std::string method, path, query;
    int status;
  };
  const std::string missing = "/api/v1/objects/" + batch_name("plain", 99);
  for (const Case& one :
       {Case{"GET", missing, "", 404}, Case{"GET", "/", "", 404}, Case{"GET", "/api/v1/objects", "", 404},
        Case{"GET", "/api/v1/objects/", "", 404}, Case{"GET", "/api/v1/objects/User", "", 404},
        Case{"GET", "/api/v1/objects/plain/../user", "", 404},
        Case{"GET", "/api/v1/objects/plain/2026/11/22/x.ndjson", "", 404}, Case{"POST", path_of(1), "", 405},
        Case{"DELETE", path_of(1), "", 405}, Case{"PUT", "/api/v1/objects/plain", "", 405},
        Case{"GET", path_of(1), "upload=x", 400}, Case{"GET", "/api/v1/objects/plain", "date=today", 400}}) {
    const HttpResponse response =
        api.answer({.method = one.method, .path = one.path, .query = one.query, .headers = {}, .body = {}});
    EXPECT_EQ(response.status, one.status) << one.method << " " << one.path << "?" << one.query;
    EXPECT_EQ(response.content_type, "application/problem+json") << one.path;
    EXPECT_NE(response.body.find("\"status\":" + std::to_string(one.status)), std::string::npos);
  }
}

TEST(HttpApiFaults, AStoreThatIsAwayIs503AndShowsNothingOfIt) {
  struct Away final : ObjectReader {
    std::optional<std::string> get(const std::string&) const override {
      throw TransientError("inner detail");
    }
    ObjectPage list(const std::string&, const std::string&, std::size_t) const override {
      throw TransientError("inner detail");
    }
  } away;
  WorkerPool pool("test", 1, 1);
  const KindSet kinds = test_kinds();
  Metrics metrics;
  Gatekeeper keeper({}, metrics);
  const HttpApi api(kinds, keeper, away, pool);
  for (const std::string& path :
       {std::string("/api/v1/objects/plain"), "/api/v1/objects/" + batch_name("plain", 1)}) {
    const HttpResponse response =
        api.answer({.method = "GET", .path = path, .query = {}, .headers = {}, .body = {}});
    EXPECT_EQ(response.status, 503) << path;
    EXPECT_NE(header(response, "Retry-After"), "") << path;
    EXPECT_EQ(response.body.find("inner detail"), std::string::npos) << path;
  }
}

}  // namespace
}  // namespace comporta
