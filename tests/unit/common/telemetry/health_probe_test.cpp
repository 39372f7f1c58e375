#include "common/telemetry/health_probe.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "common/base/error.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;

// Listens on a free port of this host and gives the first caller one canned answer. Where it keeps the
// connection open, it waits until the caller hangs up.
class CannedServer {
 public:
  CannedServer(std::string answer, bool keep_open) : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener_, 1), 0);
    EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, answer = std::move(answer), keep_open] { serve(answer, keep_open); });
  }
  ~CannedServer() {
    thread_.join();
    close(listener_);
  }

  std::uint16_t port() const { return port_; }

 private:
  void serve(const std::string& answer, bool keep_open) const {
    const int peer = accept(listener_, nullptr, nullptr);
    std::array<char, 1024> request;
    EXPECT_GT(recv(peer, request.data(), request.size(), 0), 0);
    EXPECT_EQ(std::string_view(request.data(), 20), "GET /readyz HTTP/1.1");
    send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
    while (keep_open && recv(peer, request.data(), request.size(), 0) > 0) {
    }
    close(peer);
  }

  int listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

Readiness ask(const std::string& answer, bool keep_open, std::chrono::milliseconds limit = 30s) {
  const CannedServer server(answer, keep_open);
  return ask_readiness("127.0.0.1", server.port(), limit);
}

TEST(HealthProbe, TellsWhatTheDaemonSays) {
  for (const bool keep_open : {true, false}) {
    const Readiness yes = ask("HTTP/1.1 200 OK\r\ncontent-LENGTH: 14\r\n\r\n{\"ready\":true}", keep_open);
    EXPECT_TRUE(yes.ready);
    EXPECT_EQ(yes.said, "{\"ready\":true}");
    const Readiness no = ask("HTTP/1.1 503 Busy\r\nX: y\r\nContent-Length: 3\r\n\r\nno\n", keep_open);
    EXPECT_FALSE(no.ready);
    EXPECT_EQ(no.said, "no");
  }
}

TEST(HealthProbe, NeedsAWholeAnswer) {
  for (const auto* bad :
       {"", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", "220 smtp\r\n\r\n"}) {
    EXPECT_THROW((void)ask(bad, false), TransientError) << bad;
  }
  EXPECT_THROW((void)ask("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'), false), TransientError);
}

TEST(HealthProbe, DoesNotWaitForEver) {
  EXPECT_THROW((void)ask("HTTP/1.1 200", true, 20ms), TransientError);
}

TEST(HealthProbe, NobodyThereIsAnError) {
  std::uint16_t port = 0;
  {
    const CannedServer gone("HTTP/1.1 200 OK\r\n\r\n", false);
    port = gone.port();
    EXPECT_TRUE(ask_readiness("0.0.0.0", port, 30s).ready);
  }
  EXPECT_THROW((void)ask_readiness("127.0.0.1", port, 30s), TransientError);
  EXPECT_THROW((void)ask_readiness("localhost", port, 30s), TransientError);
}

}  // namespace
}  // namespace comporta
