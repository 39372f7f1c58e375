#include "services/cache/http_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/cache/memory_view_store.h"
#include "tests/support/cache/sample_batches.h"

namespace comporta {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Pair;

class CacheHttpApi : public ::testing::Test {
 protected:
  CacheHttpApi() {
    std::vector<std::string> faults;
    kinds = KindSet::load(std::filesystem::path(COMPORTA_SOURCE_DIR) / "kinds", faults);
  }

  HttpResponse get(std::string path, std::string method = "GET") {
    HttpRequest request;
    request.method = std::move(method);
    request.path = std::move(path);
    HttpResponse response = HttpApi(kinds, keeper, store).answer(request);
    EXPECT_THAT(response.headers, Contains(Pair("Cache-Control", "no-store")));
    return response;
  }

  KindSet kinds;
  Kind kind = sample_kind();
  MemoryViewStore store;
  Metrics metrics;
  Gatekeeper keeper{{}, metrics};
};

TEST_F(CacheHttpApi, ServesARecordWithItsRemainingTime) {
  store.apply(sample_group(kind, {{.parts = {{.records = sample_record("cliente 1")}}}}));
  const HttpResponse response = get("/api/v1/records/transaction/cliente%201");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_THAT(response.body,
              MatchesRegex(R"(\{"kind":"transaction","key":"cliente 1","record":\{"cliente":"Ana"\},)"
                           R"("ttl_seconds":[56][0-9]\})"));
}

TEST_F(CacheHttpApi, RoundsTheRemainingTimeUp) {
  store.records["transaction:k"] = {"{}", MemoryViewStore::Clock::now() + std::chrono::seconds(10)};
  EXPECT_THAT(get("/api/v1/records/transaction/k").body, HasSubstr(R"("ttl_seconds":10})"));
}

TEST_F(CacheHttpApi, ARecordsTimeBeginsWithItsArrivalHoweverLongItIsKept) {
  using std::chrono::seconds;
  const auto arrived = [this](seconds ago) {
    const auto now = std::chrono::floor<std::chrono::milliseconds>(WallClock::now().time_since_epoch());
    store.records["transaction:k"] = {"{}", MemoryViewStore::Clock::now() + seconds(60), 1,
                                      (now - std::chrono::milliseconds(ago)).count()};
    return get("/api/v1/records/transaction/k");
  };
  EXPECT_THAT(arrived(seconds(50)).body, MatchesRegex(R"(.*"ttl_seconds":(10|9)\})"));
  EXPECT_EQ(arrived(seconds(61)).status, 404);
}

TEST_F(CacheHttpApi, KeysMayHoldAnything) {
  store.apply(sample_group(kind, {{.parts = {{.records = sample_record(R"(a/b?c:\"ç\n😀)")}}}}));
  const HttpResponse response = get("/api/v1/records/transaction/a%2Fb%3Fc%3A%22%C3%A7%0A%F0%9F%98%80");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr(R"("key":"a/b?c:\"ç\n😀")"));
  EXPECT_EQ(get("/api/v1/records/transaction/a/b%3Fc%3A%22%C3%A7%0A%F0%9F%98%80").status, 200);
}

TEST_F(CacheHttpApi, SaysWhatIsNotThere) {
  for (const auto* path :
       {"/api/v1/records/transaction/nobody", "/api/v1/records/unknown/k", "/api/v1/records/unknown",
        "/api/v1/records/transaction/", "/api/v1/records/", "/api/v1/other", "/", ""}) {
    const HttpResponse response = get(path);
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_EQ(response.content_type, "application/problem+json") << path;
  }
}

TEST_F(CacheHttpApi, RecordsOfAKindAreNotReadAllAtOnce) {
  const HttpResponse response = get("/api/v1/records/transaction");
  EXPECT_EQ(response.status, 405);
  EXPECT_THAT(response.headers, Contains(Pair("Allow", "POST")));
}

TEST_F(CacheHttpApi, RefusesWhatIsMalformed) {
  for (const auto* path :
       {"/api/v1/records/transaction/%", "/api/v1/records/transaction/%zz", "/api/v1/records/transaction/%00",
        "/api/v1/batches/", "/api/v1/batches/1", "/api/v1/batches/01935C1E-7A2B-7C3D-8E4F-5A6B7C8D9E0F"})
    EXPECT_EQ(get(path).status, 400) << path;
}

TEST_F(CacheHttpApi, SaysWhetherABatchHasBeenApplied) {
  const std::string id = new_uuid_v7();
  EXPECT_EQ(get("/api/v1/batches/" + id).status, 200);
  EXPECT_EQ(get("/api/v1/batches/" + id).body,
            R"({"batch":")" + id + R"(","state":"pending","applied":false})");
  store.apply(sample_group(
      kind, {{.id = id, .parts = {{}, {.records = sample_record("a") + "," + sample_record("b")}}}}));
  EXPECT_EQ(get("/api/v1/batches/" + id).body,
            R"({"batch":")" + id +
                R"(","state":"applied","applied":true,"applied_at":"2026-11-22T14:03:05.123Z",)" +
                R"("parts":2,"records":3})");
}

TEST_F(CacheHttpApi, NeverSaysAppliedOfWhatWasParked) {
  const std::string at = R"("applied_at":"2026-11-22T14:03:05.123Z",)";
  const SampleBatch batch{.parts = {{.part = 2}}};
  const std::string upload = new_uuid_v7();
  const auto answer = [&](AppliedBatch became) {
    store.applied[batch.id] = std::move(became);
    return get("/api/v1/batches/" + batch.id).body;
  };
  EXPECT_EQ(
      answer({"2026-11-22T14:03:05.123Z", 1, 3, {{upload, 2, "views: \"x\""}, {"", 0, "unknown kind"}}}),
      R"({"batch":")" + batch.id + R"(","state":"partly","applied":false,)" + at +
          R"("parts":1,"records":3,"parked":[{"upload":")" + upload +
          R"(","part":2,"reason":"views: \"x\""},{"reason":"unknown kind"}]})");
  EXPECT_EQ(answer({"2026-11-22T14:03:05.123Z", 0, 0, {{upload, 1, "why"}}}),
            R"({"batch":")" + batch.id + R"(","state":"parked","applied":false,)" + at +
                R"("parts":0,"records":0,"parked":[{"upload":")" + upload +
                R"(","part":1,"reason":"why"}]})");
}

TEST_F(CacheHttpApi, AnswersHeadAsGet) {
  store.apply(sample_group(kind, {{.parts = {{.records = sample_record("k")}}}}));
  for (const auto* path : {"/api/v1/records/transaction/k", "/api/v1/records/transaction/nobody",
                           "/api/v1/batches/01935c1e-7a2b-7c3d-8e4f-5a6b7c8d9e0f", "/api/v1/batches/x"}) {
    const HttpResponse asked = get(path, "HEAD");
    EXPECT_EQ(asked.status, get(path).status) << path;
    EXPECT_EQ(asked.body.size(), get(path).body.size()) << path << ": the server says how long it is";
  }
}

TEST_F(CacheHttpApi, AnswersNoOtherMethods) {
  for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS", "head"}) {
    EXPECT_EQ(get("/api/v1/records/transaction/k", method).status, 405) << method;
    EXPECT_EQ(get("/api/v1/batches/x", method).status, 405) << method;
  }
}

TEST_F(CacheHttpApi, SaysItWhenTheStoreIsAway) {
  store.set_away(true);
  const HttpResponse response = get("/api/v1/records/transaction/k");
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(response.headers, Contains(Pair("Retry-After", "1")));
}

}  // namespace
}  // namespace comporta
