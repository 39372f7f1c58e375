#include "common/daemon/request_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/http_client.h"

namespace comporta {
namespace {

using testing::HasSubstr;

class RequestMetricsTest : public testing::Test {
 protected:
  RequestMetricsTest() {
    std::vector<std::string> faults;
    kinds = KindSet::load("kinds", faults);
    requests = std::make_unique<RequestMetrics>(kinds, metrics);
  }

  /// Asks for that path, which is answered with that status.
  void ask(const std::string& path, int status) {
    HttpServer server({}, [&](const HttpRequest& request, Responder responder) {
      requests->count(request, responder);
      responder.send({.status = status});
    });
    Client client(server.port());
    client.say(get(path));
    client.hear();
  }
  std::string counted(const std::string& kind, const std::string& code, int count) const {
    return "comporta_http_requests_total{code=\"" + code + "\",kind=\"" + kind + "\"} " +
           std::to_string(count) + "\n";
  }

  KindSet kinds;
  Metrics metrics;
  std::unique_ptr<RequestMetrics> requests;
};

TEST_F(RequestMetricsTest, CountsByKindAndStatus) {
  ask("/api/v1/records/order", 202);
  ask("/api/v1/views/order/revenue/ana", 202);
  ask("/api/v1/records/order", 503);
  EXPECT_THAT(metrics.render(), HasSubstr(counted("order", "202", 2)));
  EXPECT_THAT(metrics.render(), HasSubstr(counted("order", "503", 1)));
  EXPECT_THAT(metrics.render(), HasSubstr("comporta_http_request_seconds_count 3"));
}

TEST_F(RequestMetricsTest, HasNoLabelOfWhatSomebodyMadeUp) {
  for (const auto* path :
       {"/", "/api/v1/", "/api/v1/me", "/api/v1/records/", "/api/v1/records/nobody", "/x/order"})
    ask(path, 404);
  ask("/api/v1/records/order", 418);
  EXPECT_THAT(metrics.render(), HasSubstr(counted("", "404", 6)));
  EXPECT_THAT(metrics.render(), HasSubstr(counted("order", "other", 1)));
  EXPECT_THAT(metrics.render(), testing::Not(HasSubstr("nobody")));
}

}  // namespace
}  // namespace comporta
