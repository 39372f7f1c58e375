#include "common/daemon/operations_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace comporta {
namespace {

using testing::HasSubstr;

class OperationsApiTest : public testing::Test {
 protected:
  HttpResponse ask(const std::string& method, const std::string& path) const {
    HttpRequest request;
    request.method = method;
    request.path = path;
    return api_.answer(request);
  }
  HttpResponse get(const std::string& path) const { return ask("GET", path); }

  Metrics metrics_;
  OperationsApi api_{metrics_};
};

TEST_F(OperationsApiTest, IsReadyWhenEveryConditionHolds) {
  bool broker = false;
  bool store = false;
  api_.ready_when("broker", [&] { return broker; });
  api_.ready_when("object \"store\"", [&] { return store; });
  EXPECT_EQ(get("/readyz").status, 503);
  EXPECT_EQ(get("/readyz").body, "{\"ready\":false,\"unmet\":[\"broker\",\"object \\\"store\\\"\"]}\n");
  broker = true;
  EXPECT_EQ(get("/readyz").body, "{\"ready\":false,\"unmet\":[\"object \\\"store\\\"\"]}\n");
  store = true;
  EXPECT_EQ(get("/readyz").status, 200);
  EXPECT_EQ(get("/readyz").body, "{\"ready\":true}\n");
  broker = false;
  EXPECT_EQ(get("/readyz").status, 503);
}

TEST_F(OperationsApiTest, IsAliveAndNotReadyWhileStopping) {
  int asked = 0;
  api_.ready_when("broker", [&] { return ++asked > 0; });
  api_.stop();
  EXPECT_EQ(get("/readyz").status, 503);
  EXPECT_EQ(get("/readyz").body, "{\"ready\":false,\"unmet\":[\"stopping\"]}\n");
  EXPECT_EQ(asked, 0);
  EXPECT_EQ(get("/livez").status, 200);
}

TEST_F(OperationsApiTest, GivesTheMetrics) {
  metrics_.counter("comporta_uploads_total", "Uploads.").add(7);
  const HttpResponse response = get("/metrics");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.content_type, HasSubstr("text/plain; version=0.0.4"));
  EXPECT_THAT(response.body, HasSubstr("\ncomporta_uploads_total 7\n"));
}

TEST_F(OperationsApiTest, TellsWhichConditionsHold) {
  bool broker = true;
  api_.ready_when("broker", [&] { return broker; });
  EXPECT_THAT(get("/metrics").body, HasSubstr("\ncomporta_ready{condition=\"broker\"} 1\n"));
  broker = false;
  EXPECT_THAT(get("/metrics").body, HasSubstr("\ncomporta_ready{condition=\"broker\"} 0\n"));
  broker = true;
  api_.stop();
  EXPECT_THAT(get("/metrics").body, HasSubstr("\ncomporta_ready{condition=\"broker\"} 0\n"));
}

TEST_F(OperationsApiTest, GivesThoseOfTheProcess) {
  const std::string text = get("/metrics").body;
  for (const auto* name : {"start_time_seconds", "cpu_seconds_total", "resident_memory_bytes", "open_fds"})
    EXPECT_THAT(text, testing::ContainsRegex("\nprocess_" + std::string(name) + " [0-9.e+-]*[1-9]")) << name;
}

TEST_F(OperationsApiTest, AnswersHeadAsGet) {
  for (const auto* path : {"/livez", "/readyz", "/metrics"})
    EXPECT_EQ(ask("HEAD", path).status, get(path).status) << path;
}

TEST_F(OperationsApiTest, RefusesTheRest) {
  for (const auto* path : {"/", "", "/readyz/", "/metrics/x", "/READYZ"})
    EXPECT_EQ(get(path).status, 404) << path;
  for (const auto* method : {"POST", "DELETE", "get", "head", ""}) {
    EXPECT_EQ(ask(method, "/livez").status, 405) << method;
  }
}

}  // namespace
}  // namespace comporta
