#include "common/telemetry/health_probe.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

#include "common/base/error.h"
#include "common/base/text.h"

namespace comporta {
namespace {

using Deadline = std::chrono::steady_clock::time_point;

constexpr std::size_t kMaxAnswerBytes = 64 * 1024;

[[noreturn]] void fail(const std::string& what, int error) {
  throw TransientError(what + ": " + std::generic_category().message(error));
}

class Socket {
 public:
  Socket() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    if (fd_ < 0) fail("cannot open a socket", errno);
  }
  ~Socket() { close(fd_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int fd() const { return fd_; }

 private:
  int fd_;
};

void wait_for(const Socket& socket, short events, Deadline deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  pollfd waiting{.fd = socket.fd(), .events = events, .revents = 0};
  const auto limit = static_cast<int>(std::max<std::int64_t>(left.count(), 0));
  if (poll(&waiting, 1, limit) != 1) throw TransientError("no answer in time");
}

void connect_to(const Socket& socket, const std::string& address, std::uint16_t port, Deadline deadline) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  if (inet_pton(AF_INET, address.c_str(), &to.sin_addr) != 1) fail(address, EINVAL);
  // A socket address is passed so by every caller of connect(2). 0.0.0.0 leads to this host itself.
  if (connect(socket.fd(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) return;
  if (errno != EINPROGRESS) fail("cannot connect", errno);
  wait_for(socket, POLLOUT, deadline);
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) fail("cannot connect", error);
}

// False once the peer has closed.
bool receive_some(const Socket& socket, std::string& answer, Deadline deadline) {
  wait_for(socket, POLLIN, deadline);
  std::array<char, 4096> block;
  const ssize_t got = recv(socket.fd(), block.data(), block.size(), 0);
  if (got < 0 && errno != EAGAIN && errno != EINTR) fail("no answer", errno);
  if (got > 0) answer.append(block.data(), static_cast<std::size_t>(got));
  return got != 0;
}

// Bytes of the body, by the header block; nothing if it does not say.
std::size_t content_length(std::string_view headers) {
  std::size_t length = 0;
  while (!headers.empty()) {
    const std::string_view line = headers.substr(0, headers.find("\r\n"));
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && iequals(line.substr(0, colon), "content-length")) {
      const std::string_view value = trim(line.substr(colon + 1));
      std::from_chars(value.data(), value.data() + value.size(), length);
    }
    headers.remove_prefix(std::min(headers.size(), line.size() + 2));
  }
  return length;
}

bool is_whole(std::string_view answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end != std::string_view::npos && answer.size() - end - 4 >= content_length(answer.substr(0, end));
}

}  // namespace

Readiness ask_readiness(const std::string& address, std::uint16_t port, std::chrono::milliseconds limit) {
  const Deadline deadline = std::chrono::steady_clock::now() + limit;
  const Socket socket;
  connect_to(socket, address, port, deadline);
  constexpr std::string_view kRequest =
      "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  if (send(socket.fd(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL) < 0) fail("cannot ask", errno);
  std::string answer;
  while (!is_whole(answer) && answer.size() < kMaxAnswerBytes && receive_some(socket, answer, deadline)) {
  }
  if (!is_whole(answer) || !answer.starts_with("HTTP/1.1 ")) throw TransientError("the answer is not HTTP");
  const bool ready = answer.substr(9, 3) == "200";
  while (answer.ends_with('\n') && !answer.ends_with("\r\n\r\n")) answer.pop_back();
  return {.ready = ready, .said = answer.substr(answer.find("\r\n\r\n") + 4)};
}

}  // namespace comporta
