#include "common/http/framing.h"

#include <gtest/gtest.h>

namespace comporta {
namespace {

constexpr std::size_t kMaxHead = 512;
constexpr std::size_t kMaxBody = 64;

HttpFramer framer() {
  return HttpFramer(kMaxHead, kMaxBody);
}

const std::string kPost =
    "POST /api/v1/records/transaction?a=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";

TEST(HttpFramer, GivesTheWholeRequestHoweverItIsCut) {
  for (std::size_t cut = 0; cut <= kPost.size(); ++cut) {
    HttpFramer f = framer();
    std::string_view first = std::string_view(kPost).substr(0, cut);
    std::string_view second = std::string_view(kPost).substr(cut);
    HttpFramer::Step step = f.feed(first);
    for (std::string_view* input : {&first, &second}) {
      while (!input->empty() && step != HttpFramer::Step::kRequest) step = f.feed(*input);
    }
    ASSERT_EQ(step, HttpFramer::Step::kRequest) << "cut at " << cut;
    const HttpRequest request = f.take();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/api/v1/records/transaction");
    EXPECT_EQ(request.query, "a=1");
    EXPECT_EQ(request.header("host"), "x");
    EXPECT_EQ(request.body, "hello");
  }
}

TEST(HttpFramer, SkipsEmptyLinesBeforeARequestHoweverTheyAreCut) {
  const std::string text = "\r\n\r\n" + kPost;
  for (std::size_t cut = 1; cut <= 4; ++cut) {
    HttpFramer f = framer();
    std::string_view first = std::string_view(text).substr(0, cut);
    std::string_view second = std::string_view(text).substr(cut);
    EXPECT_EQ(f.feed(first), HttpFramer::Step::kNeedMore);
    EXPECT_TRUE(first.empty());
    EXPECT_EQ(f.feed(second), HttpFramer::Step::kBody) << "cut at " << cut;
  }
}

TEST(HttpFramer, LeavesTheNextRequestInTheInput) {
  HttpFramer f = framer();
  const std::string both = kPost + kPost;
  std::string_view input = both;
  ASSERT_EQ(f.feed(input), HttpFramer::Step::kBody);
  ASSERT_EQ(f.feed(input), HttpFramer::Step::kRequest);
  EXPECT_EQ(f.take().body, "hello");
  EXPECT_EQ(input, kPost);
  EXPECT_TRUE(f.idle());
}

struct Refused {
  std::string bytes;
  int status;
};

TEST(HttpFramer, RefusesWhatTwoReadersCouldReadDifferently) {
  const std::string host = "Host: x\r\n";
  const Refused cases[] = {
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\n" + host + "\r\n", 505},
      {"GET  / HTTP/1.1\r\n" + host + "\r\n", 400},
      {"GET http://x/ HTTP/1.1\r\n" + host + "\r\n", 400},
      {"GET /\r\n" + host + "\r\n", 400},
      {"G@T / HTTP/1.1\r\n" + host + "\r\n", 400},
      {"GET /a\x01 HTTP/1.1\r\n" + host + "\r\n", 400},
      {"GET / HTTP/1.1\r\n" + host + "Name : v\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n" + host + " folded\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n" + host + "A: b\nC: d\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n" + host + "noise\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\n" + host + "Content-Length: 5abc\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\n" + host + "Content-Length: -5\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\n" + host + "Content-Length: \r\n\r\n", 400},
      {"POST / HTTP/1.1\r\n" + host + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\n" + host + "Content-Length: 65\r\n\r\n", 413},
      {"POST / HTTP/1.1\r\n" + host + "Content-Length: 99999999999999999999999\r\n\r\n", 413},
      {"POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n", 411},
      {"POST / HTTP/1.1\r\n" + host + "Expect: miracles\r\n\r\n", 417},
      {"GET / HTTP/1.1\r\n" + host + "X: " + std::string(kMaxHead, 'x') + "\r\n\r\n", 431},
      {std::string(kMaxHead + 1, 'x'), 431},
  };
  for (const Refused& refused : cases) {
    HttpFramer f = framer();
    std::string_view input = refused.bytes;
    ASSERT_EQ(f.feed(input), HttpFramer::Step::kRefused) << refused.bytes;
    EXPECT_EQ(f.refusal().status, refused.status) << refused.bytes;
    EXPECT_EQ(f.feed(input), HttpFramer::Step::kRefused) << "a refused connection stays refused";
  }
}

TEST(HttpFramer, TakesTheConnectionHeaderAsItsVersionSays) {
  const std::pair<std::string, bool> cases[] = {
      {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n", false},
      {"GET / HTTP/1.1\r\nHost: x\r\nConnection: te, close\r\n\r\n", false},
      {"GET / HTTP/1.0\r\n\r\n", false},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
  };
  for (const auto& [bytes, keep_alive] : cases) {
    HttpFramer f = framer();
    std::string_view input = bytes;
    ASSERT_EQ(f.feed(input), HttpFramer::Step::kRequest) << bytes;
    EXPECT_EQ(f.keep_alive(), keep_alive) << bytes;
  }
}

TEST(RenderResponse, SaysTheLengthAndLeavesTheBodyOutForHead) {
  const HttpResponse response{.status = 404, .body = "{}", .headers = {{"Retry-After", "1"}}};
  EXPECT_EQ(render_response(response, true, true),
            "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
            "Connection: keep-alive\r\nRetry-After: 1\r\n\r\n{}");
  EXPECT_TRUE(render_response(response, false, false).ends_with("Retry-After: 1\r\n\r\n"));
  EXPECT_EQ(render_response({.status = 304}, true, true).find("Content-Length"), std::string::npos);
}

}  // namespace
}  // namespace comporta
