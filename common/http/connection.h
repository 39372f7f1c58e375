#pragma once
// One client's connection, as a state machine over a non-blocking socket. Knows no event loop: its owner
// (server.cpp, or a test with a socket pair) tells it what happened. All of it belongs to one worker
// thread, except Mailbox and Exchange.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "common/base/inbox.h"
#include "common/base/lease.h"
#include "common/base/problem.h"
#include "common/http/framing.h"
#include "common/http/server.h"

namespace comporta::http_detail {

class Connection;
class Exchange;

struct Answer {
  std::shared_ptr<Exchange> exchange;
  HttpResponse response;
  Lease buffered;
};

/// What all connections of a server share. Any thread.
struct ServerState {
  ServerState(HttpSettings s, HttpHandler h)
      : settings(std::move(s)), handler(std::move(h)), buffered(settings.max_buffered_bytes) {}

  /// A request is in the handler's hands, or its answer on the way to the client.
  void enter() { ++pending; }
  void leave();
  /// Waits until no request is pending; false if the time is over first.
  bool wait_until_idle(std::chrono::milliseconds limit);
  /// Waits until no client is connected; false if the time is over first.
  bool wait_until_deserted(std::chrono::milliseconds limit);
  void note_connection_closed();

  const HttpSettings settings;
  const HttpHandler handler;
  std::atomic<bool> closing{false};   ///< no connection outlives its next answer
  std::atomic<bool> draining{false};  ///< and nothing new is taken
  std::atomic<int> connections{0};
  std::atomic<std::size_t> pending{0};
  Budget buffered;  ///< all that connections hold, and answers on their way to them

 private:
  std::mutex mutex_;
  std::condition_variable changed_;  ///< only while draining
};

/// The server's own answer; `instance` is the path, where one is known.
HttpResponse refusal_response(int status, std::string detail, std::string_view instance);

/// How other threads reach a worker, which owns it.
using Mailbox = Inbox<Answer>;

/// One request and its answer. Shared by the connection and the Responder; the answer goes to the
/// connection that asked or, if that is gone, to nobody.
class Exchange {
 public:
  Exchange(std::shared_ptr<ServerState> state, std::weak_ptr<Mailbox> mailbox,
           std::weak_ptr<Connection> connection, std::string path);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  /// True for the first caller only: who gets it answers, with that status. Any thread.
  bool settle(int status);
  bool settled() const { return settled_.load(); }

  const std::string& path() const { return path_; }
  /// Hands the answer to the worker, if it is still there. Any thread; after settle().
  static void post(const std::shared_ptr<Exchange>& exchange, HttpResponse response);
  std::shared_ptr<Connection> connection() const { return connection_.lock(); }
  void when_answered(std::function<void(int)> told);

 private:
  std::shared_ptr<ServerState> state_;
  std::weak_ptr<Mailbox> mailbox_;
  std::weak_ptr<Connection> connection_;
  std::string path_;
  std::atomic<bool> settled_{false};
  std::function<void(int)> told_;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;

  /// Borrows `fd`: the owner closes it.
  Connection(int fd, std::shared_ptr<ServerState> state, std::shared_ptr<Mailbox> mailbox);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Each of these goes as far as it can without blocking. When it returns false the connection is over,
  // and the owner closes it.
  [[nodiscard]] bool on_readable();
  [[nodiscard]] bool on_writable();
  [[nodiscard]] bool on_answer(const Exchange& exchange, const HttpResponse& response);
  [[nodiscard]] bool on_tick(Clock::time_point now);

  /// True while bytes wait for the client to take them.
  bool wants_write() const { return sent_ < out_.size(); }
  /// Since when the client is awaited: with its next request, or with the rest of one. Nothing while it is
  /// being served.
  std::optional<Clock::time_point> awaited_since() const;
  int fd() const { return fd_; }

 private:
  enum class State {
    kReading,   ///< waiting for a request, or for the rest of one
    kPending,   ///< the handler has it
    kWriting,   ///< the client takes the answer
    kLingering  ///< answered for the last time; what still comes is thrown away, so that no reset
                ///< overtakes the answer
  };

  bool advance();
  bool process(std::string_view input);
  bool begin_body();
  bool dispatch();
  bool refuse(int status, std::string detail);
  bool take_leave();
  void count_buffers();
  bool write(const HttpResponse& response, bool keep_alive);
  bool flush();
  bool finish_answer();
  bool discard_input();
  void enter_state(State state, std::chrono::milliseconds limit);

  int fd_;
  std::shared_ptr<ServerState> server_;
  std::shared_ptr<Mailbox> mailbox_;
  HttpFramer framer_;
  State state_ = State::kReading;
  Clock::time_point since_;  ///< when the state was entered
  Clock::time_point deadline_;
  std::string input_;  ///< read and not yet framed: the start of a pipelined request
  std::string out_;
  std::size_t sent_ = 0;
  std::size_t request_bytes_ = 0;  ///< of the request that the handler has
  Lease buffered_;
  bool keep_alive_ = true;          ///< after the answer that is being written
  bool request_keep_alive_ = true;  ///< what the client asked for
  bool head_request_ = false;
  std::shared_ptr<Exchange> exchange_;
};

}  // namespace comporta::http_detail
