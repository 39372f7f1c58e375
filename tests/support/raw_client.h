#pragma once
// HTTP by hand, over a real socket on loopback.

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace comporta::test {

/// A client that says exactly what it is told.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::abort();
  }
  ~RawClient() { leave(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void leave() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  void say(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  /// The next response (its head and, unless it has none, its body), or what came before the end.
  std::string hear(bool has_body = true) {
    for (;;) {
      if (const auto size = response_size(has_body); size && heard_.size() >= *size) {
        std::string response = heard_.substr(0, *size);
        heard_.erase(0, *size);
        return response;
      }
      if (!receive()) return std::exchange(heard_, {});
    }
  }
  bool ended() { return heard_.empty() && !receive(); }

 private:
  bool receive() {
    char buffer[65536];
    pollfd waited{.fd = fd_, .events = POLLIN, .revents = 0};
    if (::poll(&waited, 1, 10'000) != 1) return false;
    const ssize_t count = ::recv(fd_, buffer, sizeof buffer, 0);
    if (count > 0) heard_.append(buffer, static_cast<std::size_t>(count));
    return count > 0;
  }
  std::optional<std::size_t> response_size(bool has_body) const {
    const std::size_t head = heard_.find("\r\n\r\n");
    if (head == std::string::npos) return std::nullopt;
    const std::size_t length = heard_.find("Content-Length: ");
    if (!has_body || length > head) return head + 4;
    return head + 4 + std::stoul(heard_.substr(length + 16, 20));
  }

  int fd_;
  std::string heard_;
};

}  // namespace comporta::test
