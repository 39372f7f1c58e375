// The API behind its server: reading happens elsewhere, and not without limit.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <future>
#include <semaphore>

#include "services/storage/http_api.h"
#include "tests/support/batches.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;

/// Answers only when told.
struct SlowReader final : ObjectReader {
  mutable std::counting_semaphore<> entered{0};
  mutable std::counting_semaphore<> go_on{0};

  std::optional<std::string> get(const std::string&) const override {
    entered.release();
    go_on.acquire();
    return std::nullopt;
  }
  ObjectPage list(const std::string&, const std::string&, std::size_t) const override { return {}; }
};

/// The status line of the answer.
std::string get(std::uint16_t port, const std::string& path) {
  const int connection = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
  EXPECT_EQ(::send(connection, request.data(), request.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(request.size()));
  std::string answer;
  std::array<char, 4096> buffer{};
  for (ssize_t size = 1; size > 0;) {
    size = ::recv(connection, buffer.data(), buffer.size(), 0);
    if (size > 0) answer.append(buffer.data(), static_cast<std::size_t>(size));
  }
  ::close(connection);
  return answer.substr(0, answer.find("\r\n"));
}

TEST(HttpApiServer, RefusesMoreReadersThanMayWait) {
  const SlowReader reader;
  WorkerPool pool("test", 1, 1);
  std::vector<std::string> faults;
  const KindSet kinds =
      KindSet::load(std::filesystem::path(COMPORTA_SOURCE_DIR) / "tests/data/people", faults);
  Metrics metrics;
  Gatekeeper keeper({}, metrics);
  HttpApi api(kinds, keeper, reader, pool);
  std::counting_semaphore<> handed_over{0};
  HttpServer server({}, [&](HttpRequest request, Responder responder) {
    api.handle(std::move(request), std::move(responder));
    handed_over.release();
  });
  const std::string path = "/api/v1/objects/" + test::batch_name("plain", 1);
  const auto start_get = [&] {
    return std::async(std::launch::async, [&] { return get(server.port(), path); });
  };

  auto reading = start_get();
  EXPECT_TRUE(handed_over.try_acquire_for(10s));
  EXPECT_TRUE(reader.entered.try_acquire_for(10s));
  auto waiting = start_get();
  EXPECT_TRUE(handed_over.try_acquire_for(10s));
  EXPECT_EQ(get(server.port(), path), "HTTP/1.1 503 Service Unavailable");

  reader.go_on.release(2);
  EXPECT_EQ(reading.get(), "HTTP/1.1 404 Not Found");
  EXPECT_EQ(waiting.get(), "HTTP/1.1 404 Not Found");
  EXPECT_TRUE(server.drain(10s));
}

}  // namespace
}  // namespace comporta
