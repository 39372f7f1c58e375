// Uploads of transactions, at a rate that does not wait for answers, or as fast as answers come.
//   bench_upload_load <port> <path> <records> <connections> <uploads a second, or 0> <seconds> <settle>
//   <cities>
// To 127.0.0.1. With a rate, uploads are due in groups, each millisecond; one that finds no free connection
// waits for one, and its latency counts from when it was due. With 0 each connection sends as soon as it has
// its answer. Sends for <seconds>, then waits for the answers. Prints one JSON object; latencies are in
// milliseconds, of those answered 202 (`uploads`) and of those answered 429 or 503 (`refused`), that were due
// when the first <settle> seconds were over. `broken`: anything else, or nothing.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/raw/answer.h"

namespace comporta {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kTick{1};
constexpr int kSendBuffer = 200'000;              ///< a whole upload: sending never waits for who reads
constexpr std::chrono::seconds kLastAnswers{15};  // longer than any answer may take

struct Plan {
  std::uint16_t port;
  std::string path;
  std::size_t records;  ///< in an upload
  std::size_t connections;
  std::uint64_t rate;  ///< a second; 0: as fast as answers come
  std::chrono::seconds time;
  std::chrono::seconds settle;  ///< of it
  std::size_t cities;           ///< with several, a client is in another one in each upload
};

std::string transaction(const std::string& client, std::size_t city) {
  return R"({"_id":")" + client + R"(","isActive":true,"cliente":"Cliente fulano",)" +
         R"("email":"clientefulanoo@example.com","endereco":"Cidade )" + std::to_string(city) +
         R"(, Estado A, 1000","datatrasancao":"2024-03-11T12:00:00 +00:00"})";
}

/// All of an upload but its first record.
std::string rest_of_upload(std::size_t records, std::size_t city) {
  std::string rest;
  for (std::size_t number = 2; number <= records; ++number)
    rest += "," + transaction("cliente-" + std::to_string(number), city);
  return rest + "]";
}

std::vector<std::string> rests_of_uploads(std::size_t records, std::size_t cities) {
  std::vector<std::string> rests;
  for (std::size_t city = 0; city < cities; ++city) rests.push_back(rest_of_upload(records, city));
  return rests;
}

class Latencies {
 public:
  void add(Clock::duration time) {
    times_.push_back(std::chrono::duration<double, std::milli>(time).count());
  }
  void sort() { std::ranges::sort(times_); }

  /// Once sorted; `share` from 0 to 1.
  double percentile(double share) const {
    return times_.empty() ? 0
                          : times_[static_cast<std::size_t>(share * static_cast<double>(times_.size() - 1))];
  }

 private:
  std::vector<double> times_;
};

struct Answered {
  std::size_t count = 0;
  Latencies latencies;  ///< of the settled
};

struct Connection {
  int fd = -1;
  Clock::time_point due;  ///< of the upload under way
  std::string input;
  bool idle = true;
};

class Load {
 public:
  explicit Load(Plan plan)
      : plan_(std::move(plan)), epoll_(epoll_create1(EPOLL_CLOEXEC)), connections_(plan_.connections) {
    for (std::size_t number = 0; number < connections_.size(); ++number) {
      open(number);
      idle_.push_back(number);
    }
  }

  void run() {
    begin_ = Clock::now();
    const auto end = begin_ + plan_.time;
    auto now = begin_;
    while (now < end || (unanswered() > 0 && now < end + kLastAnswers)) {
      if (now < end) schedule(now);
      send_due();
      take_answers();
      now = Clock::now();
    }
    took_ = now - begin_;
    broken_ += unanswered();
  }

  void print() {
    Latencies& accepted = accepted_.latencies;
    Latencies& refused = refused_.latencies;
    accepted.sort();
    refused.sort();
    std::cout << "{\"uploads\":" << accepted_.count << ",\"refused\":" << refused_.count
              << ",\"broken\":" << broken_ << ",\"refused_without_retry_after\":" << says_not_when_
              << ",\"seconds\":" << std::chrono::duration<double>(took_).count()
              << ",\"p50\":" << accepted.percentile(.5) << ",\"p99\":" << accepted.percentile(.99)
              << ",\"p999\":" << accepted.percentile(.999) << ",\"refused_p50\":" << refused.percentile(.5)
              << ",\"refused_p99\":" << refused.percentile(.99) << "}\n";
  }

 private:
  std::size_t unanswered() const { return waiting_.size() + connections_.size() - idle_.size(); }

  void open(std::size_t number) {
    Connection& connection = connections_[number];
    connection.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(plan_.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    const int room = kSendBuffer;
    epoll_event event{.events = EPOLLIN, .data = {.u64 = number}};
    if (connect(connection.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        setsockopt(connection.fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room) != 0 ||
        epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event) != 0)
      throw std::runtime_error("no connection");
  }

  void schedule(Clock::time_point now) {
    if (plan_.rate == 0) {
      waiting_.assign(idle_.size(), now);
      return;
    }
    for (; begin_ + kTick * ticks_ <= now; ++ticks_)
      for (; due_ * 1000 < plan_.rate * ticks_; ++due_) waiting_.push_back(begin_ + kTick * ticks_);
  }

  void send_due() {
    for (; !waiting_.empty() && !idle_.empty(); waiting_.pop_front()) {
      Connection& connection = connections_[idle_.back()];
      idle_.pop_back();
      connection.idle = false;
      connection.due = waiting_.front();
      const std::string upload = next_upload();
      if (send(connection.fd, upload.data(), upload.size(), MSG_NOSIGNAL) < 0 && errno != EPIPE &&
          errno != ECONNRESET)
        throw std::runtime_error("sending failed");
    }
  }

  /// Its first record is of a client that no other upload has.
  std::string next_upload() {
    const std::size_t city = ++sent_ % plan_.cities;
    const std::string body = "[" + transaction(run_ + std::to_string(sent_), city) + rests_[city];
    return "POST " + plan_.path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  /// Of those that have something; waits for them for a tick at most.
  void take_answers() {
    std::array<epoll_event, 256> events;
    const int count = epoll_wait(epoll_, events.data(), events.size(), static_cast<int>(kTick.count()));
    for (int event = 0; event < count; ++event) read_from(events[static_cast<std::size_t>(event)].data.u64);
  }

  void read_from(std::size_t number) {
    Connection& connection = connections_[number];
    std::array<char, 4096> buffer;
    const auto bytes = recv(connection.fd, buffer.data(), buffer.size(), 0);
    if (bytes <= 0) return lost(number);
    connection.input.append(buffer.data(), static_cast<std::size_t>(bytes));
    const auto answer = read_answer(connection.input);
    if (!answer) return;
    connection.input.erase(0, answer->bytes);
    count(*answer, connection.due);
    free(number);
  }

  void count(const Answer& answer, Clock::time_point due) {
    const bool refused = answer.status == 429 || answer.status == 503;
    if (answer.status == 202) count(accepted_, due);
    if (refused) count(refused_, due);
    if (refused && !answer.says_when) ++says_not_when_;
    if (answer.status != 202 && !refused) ++broken_;
  }

  void count(Answered& answered, Clock::time_point due) {
    ++answered.count;
    if (due >= begin_ + plan_.settle) answered.latencies.add(Clock::now() - due);
  }

  void free(std::size_t number) {
    connections_[number].idle = true;
    idle_.push_back(number);
  }

  /// The other side closed it; with an upload under way, that has no answer.
  void lost(std::size_t number) {
    Connection& connection = connections_[number];
    close(connection.fd);
    connection.input.clear();
    open(number);
    if (connection.idle) return;
    ++broken_;
    free(number);
  }

  Plan plan_;
  int epoll_;
  std::vector<Connection> connections_;
  std::vector<std::size_t> idle_;
  std::deque<Clock::time_point> waiting_;  ///< when each was due
  Clock::time_point begin_;
  Clock::duration took_{};
  std::uint64_t ticks_ = 0;  ///< scheduled
  std::uint64_t due_ = 0;    ///< uploads, so far
  std::uint64_t sent_ = 0;
  std::string run_ = "l" + std::to_string(std::chrono::system_clock::now().time_since_epoch().count()) + "-";
  std::vector<std::string> rests_ = rests_of_uploads(plan_.records, plan_.cities);
  Answered accepted_;
  Answered refused_;
  std::size_t broken_ = 0;
  std::size_t says_not_when_ = 0;
};

}  // namespace
}  // namespace comporta

int main(int argc, char** argv) {
  try {
    if (argc != 9) throw std::runtime_error("usage: see the head of bench/raw/upload_load.cpp");
    comporta::Load load({static_cast<std::uint16_t>(std::atoi(argv[1])), argv[2],
                         std::strtoul(argv[3], nullptr, 10), std::strtoul(argv[4], nullptr, 10),
                         std::strtoul(argv[5], nullptr, 10), std::chrono::seconds(std::atoi(argv[6])),
                         std::chrono::seconds(std::atoi(argv[7])), std::strtoul(argv[8], nullptr, 10)});
    load.run();
    load.print();
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
