#pragma once
// An HTTP server that misbehaves as told: one request a connection, one connection at a time.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace comporta::test {

class ScriptedServer {
 public:
  enum class Misdeed {
    kNone,
    kReset,     ///< cut off hard, without an answer
    kStall,     ///< left open, without an answer
    kBreakOff,  ///< the answer ends before its last byte
  };
  struct Answer {
    Misdeed misdeed = Misdeed::kNone;
    int status = 200;
    std::string body = {};
  };
  /// Gets the request with its body; runs on the server's thread.
  using Script = std::function<Answer(const std::string& request)>;

  explicit ScriptedServer(Script script)
      : script_(std::move(script)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = loopback();
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, generic, &size) != 0) {
      throw std::runtime_error("no port for a scripted server");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~ScriptedServer() {
    ::shutdown(listener_, SHUT_RDWR);  // ends accept()
    thread_.join();
    for (const int connection : stalled_) ::close(connection);
    ::close(listener_);
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  static sockaddr_in loopback() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  void run() {
    for (;;) {
      const int connection = ::accept(listener_, nullptr, nullptr);
      if (connection < 0) return;
      serve(connection);
    }
  }

  void serve(int connection) {
    const Answer answer = script_(read_request(connection));
    if (answer.misdeed == Misdeed::kStall) return stalled_.push_back(connection);
    if (answer.misdeed == Misdeed::kReset) {
      const linger at_once{.l_onoff = 1, .l_linger = 0};
      ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    } else {
      const std::size_t missing = answer.misdeed == Misdeed::kBreakOff ? 1 : 0;
      const std::string bytes = "HTTP/1.1 " + std::to_string(answer.status) +
                                " Scripted\r\nConnection: close\r\nContent-Length: " +
                                std::to_string(answer.body.size() + missing) + "\r\n\r\n" + answer.body;
      (void)::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }
    ::close(connection);
  }

  static std::string read_request(int connection) {
    std::string request;
    std::array<char, 4096> buffer{};
    while (!is_complete(request)) {
      const ssize_t size = ::recv(connection, buffer.data(), buffer.size(), 0);
      if (size <= 0) break;
      request.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return request;
  }

  static bool is_complete(const std::string& request) {
    const std::size_t head = request.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    const std::string name = "Content-Length: ";
    const std::size_t length = request.find(name);
    const std::size_t body = length < head ? std::stoul(request.substr(length + name.size())) : 0;
    return request.size() >= head + 4 + body;
  }

  Script script_;
  int listener_;
  std::uint16_t port_ = 0;
  std::vector<int> stalled_;
  std::thread thread_;
};

}  // namespace comporta::test
