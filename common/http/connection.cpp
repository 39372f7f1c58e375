#include "common/http/connection.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "common/base/error.h"
#include "common/telemetry/log.h"

namespace comporta::http_detail {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::chrono::milliseconds kLingerTime{2'000};
/// A fast sender whose bytes are thrown away gets this many reads at a time, then the others their turn.
constexpr int kDiscardReads = 16;

constexpr const char* kShuttingDown = "the daemon is shutting down; try again shortly";
constexpr const char* kCrowded = "too much is being taken in and given out; try again shortly";

/// One read without blocking: the bytes, 0 at the end of the stream, -1 for "nothing now", -2 on error.
ssize_t receive(int fd, char* buffer, std::size_t size) {
  for (;;) {
    const ssize_t count = ::recv(fd, buffer, size, MSG_DONTWAIT);
    if (count >= 0) return count;
    if (errno == EINTR) continue;
    return errno == EAGAIN || errno == EWOULDBLOCK ? -1 : -2;
  }
}

char* read_buffer() {
  static thread_local char buffer[kReadBytes];
  return buffer;
}

}  // namespace

Connection::Connection(int fd, std::shared_ptr<ServerState> state, std::shared_ptr<Mailbox> mailbox)
    : fd_(fd),
      server_(std::move(state)),
      mailbox_(std::move(mailbox)),
      framer_(server_->settings.max_header_bytes, server_->settings.max_body_bytes),
      buffered_(server_->buffered) {
  ++server_->connections;
  enter_state(State::kReading, server_->settings.idle_timeout);
}

Connection::~Connection() {
  server_->note_connection_closed();
  if (exchange_) exchange_->settle(kClientLeft);
}

void Connection::enter_state(State state, std::chrono::milliseconds limit) {
  state_ = state;
  since_ = Clock::now();
  deadline_ = since_ + limit;
}

std::optional<Connection::Clock::time_point> Connection::awaited_since() const {
  if (state_ != State::kReading) return std::nullopt;
  return since_;
}

bool Connection::on_readable() {
  return state_ == State::kLingering ? discard_input() : advance();
}

bool Connection::on_writable() {
  return flush() && advance();
}

bool Connection::on_answer(const Exchange& exchange, const HttpResponse& response) {
  if (state_ != State::kPending || exchange_.get() != &exchange) return true;
  return write(response, request_keep_alive_ && !server_->closing) && advance();
}

bool Connection::on_tick(Clock::time_point now) {
  if (state_ == State::kReading && server_->draining) return take_leave();
  if (state_ == State::kLingering && !discard_input()) return false;
  if (now < deadline_) return true;
  switch (state_) {
    case State::kReading:
      return !framer_.idle() && refuse(408, "the request did not come to its end in time");
    case State::kPending:
      if (!exchange_->settle(503)) return true;  // the answer is in the mailbox
      return write(refusal_response(503,
                                    "no answer in time: it is not known whether the request took effect; "
                                    "repeat it with the same Idempotency-Key",
                                    exchange_->path()),
                   request_keep_alive_ && !server_->closing) &&
             advance();
    case State::kWriting:
    case State::kLingering:
      break;
  }
  return false;
}

/// Reads and frames until a request is pending, the client has no more to say, or the end.
bool Connection::advance() {
  while (state_ == State::kReading) {
    if (!input_.empty()) {
      if (!process(std::exchange(input_, {}))) return false;
      continue;
    }
    char* const buffer = read_buffer();
    const ssize_t count = receive(fd_, buffer, kReadBytes);
    if (count == -1) return true;
    if (count <= 0) return false;
    if (!process({buffer, static_cast<std::size_t>(count)})) return false;
  }
  return state_ != State::kLingering || discard_input();
}

/// The daemon shuts down: what has come is read, so that no request which is complete goes unanswered; then
/// nothing more is waited for.
bool Connection::take_leave() {
  if (!advance()) return false;
  if (state_ != State::kReading) return true;
  return !framer_.idle() && refuse(503, kShuttingDown);
}

bool Connection::process(std::string_view input) {
  while (state_ == State::kReading && !input.empty()) {
    if (framer_.idle()) enter_state(State::kReading, server_->settings.header_timeout);
    bool good = true;
    switch (framer_.feed(input)) {
      case HttpFramer::Step::kNeedMore:
        break;
      case HttpFramer::Step::kBody:
        good = begin_body();
        break;
      case HttpFramer::Step::kRequest:
        good = dispatch();
        break;
      case HttpFramer::Step::kRefused:
        return refuse(framer_.refusal().status, framer_.refusal().detail);
    }
    if (!good) return false;
  }
  if (state_ != State::kLingering) input_ = input;
  count_buffers();
  return true;
}

bool Connection::begin_body() {
  enter_state(State::kReading, server_->settings.body_timeout);
  count_buffers();
  if (server_->buffered.is_over()) return refuse(503, kCrowded);
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  if (!framer_.expects_continue()) return true;
  // Nothing else is waiting to be written; a client that cannot take these bytes sends its body after a
  // while.
  return ::send(fd_, kContinue.data(), kContinue.size(), MSG_NOSIGNAL | MSG_DONTWAIT) >= 0 ||
         errno == EAGAIN || errno == EWOULDBLOCK;
}

bool Connection::dispatch() {
  const bool has_body = framer_.body_bytes() > 0;
  request_bytes_ = framer_.held_bytes();
  request_keep_alive_ = framer_.keep_alive();
  HttpRequest request = framer_.take();
  count_buffers();
  head_request_ = request.method == "HEAD";
  if (server_->draining) return refuse(503, kShuttingDown);
  // One with a body has been looked at when that began.
  if (!has_body && server_->buffered.is_over()) return refuse(503, kCrowded);
  exchange_ = std::make_shared<Exchange>(server_, mailbox_, weak_from_this(), request.path);
  enter_state(State::kPending, server_->settings.answer_timeout);
  try {
    server_->handler(std::move(request), Responder(exchange_));
  } catch (const std::exception& error) {  // the Responder it was given has answered 500
    log_error("a request handler failed", {{"error", error.what()}});
  }
  return true;
}

/// To be called wherever one of these grows or ends.
void Connection::count_buffers() {
  buffered_.hold(framer_.held_bytes() + request_bytes_ + input_.size() + out_.size());
}

bool Connection::refuse(int status, std::string detail) {
  return write(refusal_response(status, std::move(detail), {}), false);
}

bool Connection::write(const HttpResponse& response, bool keep_alive) {
  out_ = render_response(response, keep_alive, !head_request_);
  sent_ = 0;
  count_buffers();
  keep_alive_ = keep_alive;
  enter_state(State::kWriting, server_->settings.write_timeout);
  return flush();
}

bool Connection::flush() {
  while (wants_write()) {
    const ssize_t count = ::send(fd_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    sent_ += static_cast<std::size_t>(count);
  }
  return state_ != State::kWriting || finish_answer();
}

bool Connection::finish_answer() {
  exchange_.reset();
  request_bytes_ = 0;
  out_ = {};
  sent_ = 0;
  head_request_ = false;
  if (!keep_alive_) {  // what has come of another request is of no use
    framer_ = HttpFramer(server_->settings.max_header_bytes, server_->settings.max_body_bytes);
    input_ = {};
  }
  count_buffers();
  if (keep_alive_) {
    enter_state(State::kReading, server_->settings.idle_timeout);
    return true;
  }
  enter_state(State::kLingering, kLingerTime);
  return ::shutdown(fd_, SHUT_WR) == 0;
}

bool Connection::discard_input() {
  for (int reads = 0; reads < kDiscardReads; ++reads) {
    const ssize_t count = receive(fd_, read_buffer(), kReadBytes);
    if (count == -1) return true;
    if (count <= 0) return false;
  }
  return true;
}

}  // namespace comporta::http_detail
