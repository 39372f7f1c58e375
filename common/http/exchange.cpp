// What outlives a connection: the server's counts, and the right to answer a request.

#include <utility>

#include "common/base/error.h"
#include "common/http/connection.h"
#include "common/http/problem_response.h"

namespace comporta {
namespace http_detail {

HttpResponse refusal_response(int status, std::string detail, std::string_view instance) {
  Problem problem;
  problem.status = status;
  problem.title = reason_phrase(status);
  problem.detail = std::move(detail);
  return problem_response(problem, instance, {});
}

void ServerState::leave() {
  if (pending.fetch_sub(1) != 1 || !draining) return;
  const std::lock_guard lock(mutex_);
  changed_.notify_all();
}

void ServerState::note_connection_closed() {
  if (connections.fetch_sub(1) != 1 || !draining) return;
  const std::lock_guard lock(mutex_);
  changed_.notify_all();
}

bool ServerState::wait_until_idle(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [this] { return pending == 0; });
}

bool ServerState::wait_until_deserted(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [this] { return connections == 0; });
}

Exchange::Exchange(std::shared_ptr<ServerState> state, std::weak_ptr<Mailbox> mailbox,
                   std::weak_ptr<Connection> connection, std::string path)
    : state_(std::move(state)),
      mailbox_(std::move(mailbox)),
      connection_(std::move(connection)),
      path_(std::move(path)) {
  state_->enter();
}

Exchange::~Exchange() {
  state_->leave();
}

bool Exchange::settle(int status) {
  if (settled_.exchange(true)) return false;
  if (told_) told_(status);
  return true;
}

void Exchange::when_answered(std::function<void(int)> told) {
  if (!told_) {
    told_ = std::move(told);
    return;
  }
  told_ = [first = std::move(told_), then = std::move(told)](int status) {
    first(status);
    then(status);
  };
}

void Exchange::post(const std::shared_ptr<Exchange>& exchange, HttpResponse response) {
  const auto mailbox = exchange->mailbox_.lock();
  if (!mailbox) return;
  Lease buffered(exchange->state_->buffered);
  buffered.hold(response.body.size());
  mailbox->post(Answer{exchange, std::move(response), std::move(buffered)});
}

}  // namespace http_detail

Responder::Responder(std::shared_ptr<http_detail::Exchange> exchange) : exchange_(std::move(exchange)) {}
Responder::Responder(Responder&&) noexcept = default;

Responder& Responder::operator=(Responder&& other) noexcept {
  if (this != &other) {
    Responder dropped(std::exchange(exchange_, nullptr));
    exchange_ = std::exchange(other.exchange_, nullptr);
  }
  return *this;
}

Responder::~Responder() {
  if (!exchange_ || exchange_->settled()) return;
  send(http_detail::refusal_response(500, "the request was dropped by a fault of ours", exchange_->path()));
}

void Responder::send(HttpResponse response) {
  check(exchange_ != nullptr, "a request is answered once");
  const auto exchange = std::exchange(exchange_, nullptr);
  if (!exchange->settle(response.status)) return;
  http_detail::Exchange::post(exchange, std::move(response));
}

void Responder::when_answered(std::function<void(int status)> told) {
  exchange_->when_answered(std::move(told));
}

bool Responder::expired() const {
  return !exchange_ || exchange_->settled();
}

}  // namespace comporta
