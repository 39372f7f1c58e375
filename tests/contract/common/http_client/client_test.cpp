// What the client does with a server over TLS that answers, leads astray, says too much, or nothing.

#include "common/http_client/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fstream>

#include "tests/support/provider_process.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class HttpClientTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::signal(SIGPIPE, SIG_IGN);
    provider = new test::ProviderProcess;
  }
  static void TearDownTestSuite() { delete provider; }

  static OutgoingRequest request(const std::string& path, const std::string& host = "localhost") {
    return {.url = provider->url(path, host), .timeout = 60s, .to_any_address = true};
  }
  /// To its end.
  static IncomingAnswer ask(const OutgoingRequest& request,
                            std::filesystem::path ca_file = provider->authority()) {
    HttpClient client({.ca_file = std::move(ca_file)});
    client.start(7, request);
    for (;;)
      if (auto answers = client.poll(-1, 1s); !answers.empty()) return answers.front();
  }

  static inline test::ProviderProcess* provider = nullptr;
};

TEST_F(HttpClientTest, AsksOverTlsAndIsAnswered) {
  const IncomingAnswer answer = ask(request("/good"));
  EXPECT_EQ(answer.token, 7U);
  EXPECT_EQ(answer.status, 200) << answer.fault_detail;
  EXPECT_EQ(answer.body, R"({"n":1})");
  EXPECT_EQ(ask(request("/refused")).status, 403);
}

TEST_F(HttpClientTest, BelievesNoCertificateOfAnAuthorityThatItDoesNotKnow) {
  const IncomingAnswer answer = ask(request("/good"), {});
  EXPECT_EQ(answer.status, 0);
  EXPECT_THAT(answer.fault, HasSubstr("certificate"));
}

TEST_F(HttpClientTest, BelievesNoCertificateOfAnotherName) {
  const IncomingAnswer answer = ask(request("/good", "127.0.0.1"));
  EXPECT_EQ(answer.status, 0);
  EXPECT_THAT(answer.fault, HasSubstr("certificate"));
}

TEST_F(HttpClientTest, DoesNotFollowRedirects) {
  const IncomingAnswer answer = ask(request("/redirect"));
  EXPECT_EQ(answer.status, 302);
  EXPECT_EQ(answer.body, "");
}

TEST_F(HttpClientTest, TakesAsMuchAsItMayAndNoByteMore) {
  EXPECT_EQ(ask(request("/exactly")).body.size(), 64U * 1024);
  for (const auto* path : {"/larger", "/endless"}) {
    const IncomingAnswer answer = ask(request(path));
    EXPECT_EQ(answer.status, 0) << path;
    EXPECT_EQ(answer.fault, "the answer is too large");
    EXPECT_EQ(answer.body, "");
  }
}

TEST_F(HttpClientTest, HalfAnAnswerIsNone) {
  const IncomingAnswer answer = ask(request("/half"));
  EXPECT_EQ(answer.status, 0);
  EXPECT_EQ(answer.body, "");
}

TEST_F(HttpClientTest, WhoDoesNotAnswerInTimeHasNotAnswered) {
  OutgoingRequest never = request("/never");
  never.timeout = 200ms;
  const IncomingAnswer answer = ask(never);
  EXPECT_EQ(answer.status, 0);
  EXPECT_THAT(answer.fault, HasSubstr("Timeout"));
}

TEST_F(HttpClientTest, GoesToPublicAddressesAloneUnlessTold) {
  for (const auto* host : {"localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0.0.0.0", "[::1]",
                           "[::ffff:127.0.0.1]", "[::]"}) {
    OutgoingRequest asked = request("/good", host);
    asked.to_any_address = false;
    const IncomingAnswer answer = ask(asked);
    EXPECT_EQ(answer.status, 0) << host;
    EXPECT_EQ(answer.fault, "its address is not a public one") << host << ": " << answer.fault_detail;
  }
}

TEST_F(HttpClientTest, AsksForManyThingsAtOnce) {
  HttpClient client({.ca_file = provider->authority()});
  for (std::uint64_t token = 0; token < 20; ++token)
    client.start(token, request(token % 2 == 0 ? "/good" : "/redirect"));
  EXPECT_EQ(client.in_flight(), 20U);
  std::vector<std::uint64_t> ended;
  while (client.in_flight() > 0)
    for (const IncomingAnswer& answer : client.poll(-1, 1s)) {
      EXPECT_EQ(answer.status, answer.token % 2 == 0 ? 200 : 302);
      ended.push_back(answer.token);
    }
  std::ranges::sort(ended);
  EXPECT_EQ(std::unique(ended.begin(), ended.end()) - ended.begin(), 20);
}

/// It would not be answered by that proxy.
TEST_F(HttpClientTest, UsesNoProxyOfTheEnvironment) {
  ::setenv("https_proxy", "http://127.0.0.1:1", 1);
  const IncomingAnswer answer = ask(request("/good"));
  ::unsetenv("https_proxy");
  EXPECT_EQ(answer.status, 200) << answer.fault_detail;
}

}  // namespace
}  // namespace comporta
