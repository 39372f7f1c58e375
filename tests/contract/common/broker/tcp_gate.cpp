#include "tests/contract/common/broker/tcp_gate.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <vector>

#include "common/base/error.h"

namespace comporta {
namespace {

constexpr int kPollMilliseconds = 10;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  ::close(fd);
  return -1;
}

}  // namespace

TcpGate::TcpGate(std::uint16_t server_port)
    : server_port_(server_port), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  check(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0, "bind the gate");
  check(::listen(listener_, 16) == 0, "listen at the gate");
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

TcpGate::~TcpGate() {
  stop_ = true;
  thread_.join();
  cut_all();
  ::close(listener_);
}

void TcpGate::run() {
  while (!stop_) {
    pollfd ready{listener_, POLLIN, 0};
    if (pairs_.empty() || hold_) ::poll(&ready, 1, kPollMilliseconds);
    if (::poll(&ready, 1, 0) == 1) accept_one();
    if (cut_) {
      cut_all();
      cut_ = false;
    }
    if (!hold_) pass_on();
  }
}

void TcpGate::accept_one() {
  const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  const int server = refuse_ ? -1 : connect_to(server_port_);
  if (server >= 0) {
    pairs_.push_back({client, server});
    return;
  }
  ::close(client);
  ++refused_;
}

void TcpGate::pass_on() {
  std::vector<pollfd> fds;
  for (const Pair& pair : pairs_) {
    fds.push_back({pair.client, POLLIN, 0});
    fds.push_back({hold_replies_ ? -1 : pair.server, POLLIN, 0});  // poll ignores -1
  }
  if (::poll(fds.data(), fds.size(), kPollMilliseconds) <= 0) return;
  std::size_t i = 0;
  for (auto pair = pairs_.begin(); pair != pairs_.end(); i += 2) {
    const bool open = (fds[i].revents == 0 || pass(pair->client, pair->server)) &&
                      (fds[i + 1].revents == 0 || pass(pair->server, pair->client));
    if (open) {
      ++pair;
      continue;
    }
    ::close(pair->client);
    ::close(pair->server);
    pair = pairs_.erase(pair);
  }
}

/// Passes on what there is; false when one side has ended, or this is where it is to be cut.
bool TcpGate::pass(int from, int to) {
  if (pieces_left_ > 0 && --pieces_left_ == 0) {
    cut_ = true;
    return false;
  }
  std::array<char, 65'536> buffer;
  const ssize_t got = ::recv(from, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got <= 0) return false;
  for (ssize_t sent = 0; sent < got;) {
    const ssize_t n = ::send(to, buffer.data() + sent, static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
    if (n <= 0) return false;
    sent += n;
  }
  return true;
}

void TcpGate::cut() {
  cut_ = true;
  while (cut_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void TcpGate::cut_all() {
  for (const Pair& pair : pairs_) {
    ::close(pair.client);
    ::close(pair.server);
  }
  pairs_.clear();
  hold_replies_ = false;
}

}  // namespace comporta
