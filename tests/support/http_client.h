#pragma once
// For tests of the HTTP server: a client of plain bytes, and handlers that answer at once or when told to.

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "common/http/server.h"

namespace comporta {

/// A client that says exactly what it is told.
class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::abort();
  }
  ~Client() { leave(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

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

inline std::string get(std::string_view path, std::string_view headers = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\n";
}

inline std::string post(std::string_view path, std::string_view body) {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

/// Keeps requests to be answered later, from another thread.
class Desk {
 public:
  void put(HttpRequest request, Responder responder) {
    const std::lock_guard lock(mutex_);
    waiting_.emplace_back(std::move(request), std::move(responder));
    arrived_.notify_all();
  }
  std::pair<HttpRequest, Responder> take() {
    std::unique_lock lock(mutex_);
    if (!arrived_.wait_for(lock, std::chrono::seconds(10), [this] { return !waiting_.empty(); }))
      std::abort();
    auto first = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
    return first;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<std::pair<HttpRequest, Responder>> waiting_;
};

inline HttpHandler echo() {
  return [](const HttpRequest& request, Responder responder) {
    responder.send({.body = request.method + " " + request.path + " " + request.body});
  };
}

inline HttpHandler keep(Desk& desk) {
  return [&desk](HttpRequest request, Responder responder) {
    desk.put(std::move(request), std::move(responder));
  };
}

template <typename Condition>
bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace comporta
