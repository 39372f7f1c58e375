#pragma once
// A TCP gate between a store and Redis that sees what passes, and can act or cut at a chosen moment.

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

namespace comporta {

class RedisGate {
 public:
  enum class Verdict { kPass, kCut };
  /// Called with each piece before it is passed on, in the gate's own thread.
  using Watcher = std::function<Verdict(std::string_view piece)>;

  RedisGate(std::uint16_t redis_port, Watcher on_request, Watcher on_reply)
      : redis_port_(redis_port), on_request_(std::move(on_request)), on_reply_(std::move(on_reply)) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 8) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error("no port for the gate");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~RedisGate() {
    stopping_ = true;
    thread_.join();
    ::close(listener_);
  }
  RedisGate(const RedisGate&) = delete;
  RedisGate& operator=(const RedisGate&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  bool readable(std::array<pollfd, 2>& fds, nfds_t count) const {
    while (!stopping_)
      if (::poll(fds.data(), count, 20) > 0) return true;
    return false;
  }

  void serve() {
    std::array<pollfd, 2> fds{pollfd{listener_, POLLIN, 0}, {}};
    while (readable(fds, 1)) {
      const int client = ::accept(listener_, nullptr, nullptr);
      const int redis = ::socket(AF_INET, SOCK_STREAM, 0);
      const sockaddr_in address = loopback(redis_port_);
      if (::connect(redis, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        relay(client, redis);
      ::close(client);
      ::close(redis);
    }
  }

  void relay(int client, int redis) {
    std::array<pollfd, 2> fds{pollfd{client, POLLIN, 0}, pollfd{redis, POLLIN, 0}};
    while (readable(fds, 2)) {
      if (fds[0].revents != 0 && !pass(client, redis, on_request_)) return;
      if (fds[1].revents != 0 && !pass(redis, client, on_reply_)) return;
    }
  }

  static bool pass(int from, int to, const Watcher& watcher) {
    std::array<char, 65'536> buffer;
    const ssize_t size = ::read(from, buffer.data(), buffer.size());
    if (size <= 0) return false;
    const std::string_view piece(buffer.data(), static_cast<std::size_t>(size));
    if (watcher(piece) == Verdict::kCut) return false;
    return ::send(to, piece.data(), piece.size(), MSG_NOSIGNAL) == size;
  }

  std::uint16_t redis_port_;
  Watcher on_request_;
  Watcher on_reply_;
  int listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace comporta
