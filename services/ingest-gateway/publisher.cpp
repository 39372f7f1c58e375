#include "services/ingest-gateway/publisher.h"

#include <poll.h>

#include <algorithm>
#include <ctime>
#include <iterator>
#include <utility>
#include <vector>

#include "common/base/error.h"
#include "common/http/problem_response.h"
#include "common/telemetry/log.h"
#include "common/telemetry/trace.h"
#include "services/ingest-gateway/batch_trace.h"

namespace comporta::gateway {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kFirstPause{200};
constexpr std::chrono::milliseconds kLongestPause{5'000};
constexpr std::chrono::milliseconds kFirstRefusals{500};
constexpr std::chrono::milliseconds kLongestRefusals{30'000};
constexpr std::chrono::milliseconds kDepthPeriod{100};
constexpr std::chrono::milliseconds kDeadDepthPeriod{2'000};
/// Between two looks at the connection, however quiet: keeps the heartbeats and notices stop().
constexpr std::chrono::milliseconds kLongestWait{250};

constexpr const char* kUnknown =
    "the broker did not confirm the upload: it is not known whether it was taken; repeat it with the same "
    "Idempotency-Key";

std::int64_t nanoseconds(Clock::time_point time) {
  return time.time_since_epoch().count();
}

/// Of all threads.
std::chrono::nanoseconds processor_time() {
  return std::chrono::nanoseconds(std::clock() * (1'000'000'000 / CLOCKS_PER_SEC));
}

void wait_readable(int fd, std::chrono::milliseconds limit) {
  pollfd waited{.fd = fd, .events = POLLIN, .revents = 0};
  ::poll(&waited, 1, static_cast<int>(limit.count()));
}

}  // namespace

Publisher::Publisher(const BrokerSettings& broker, const PublisherSettings& settings,
                     UploadConfirmed confirmed, Metrics& metrics)
    : broker_(broker),
      settings_(settings),
      topology_(broker.prefix),
      confirmed_(std::move(confirmed)),
      pending_bytes_(settings.max_pending_bytes),
      pending_uploads_(settings.max_pending_uploads),
      admission_(settings.max_backlog),
      batcher_(settings.batches),
      backoff_(kFirstPause, kLongestPause),
      refusals_(kFirstRefusals, kLongestRefusals),
      metrics_(metrics),
      thread_([this] { run(); }) {}

Publisher::~Publisher() {
  stopping_ = true;
  inbox_.poke();
  watch();
  thread_.join();
}

std::string Publisher::refusal() {
  if (!connected_) return "the broker is away; try again shortly";
  if (blocked_) return "the broker takes nothing at the moment; try again shortly";
  if (!admission_.let_in()) return "too much is waiting to be stored; try again shortly";
  return {};
}

std::string Publisher::trouble() const {
  if (!connected_) return "No uploads are taken: the broker is away.";
  if (blocked_) return "No uploads are taken: the broker is short of memory or disk.";
  if (admission_.refuses()) return "Not all uploads are taken: too much is waiting to be stored.";
  return {};
}

std::optional<Place> Publisher::place(std::size_t bytes) {
  Place place{Lease(pending_bytes_), Lease(pending_uploads_)};
  if (!place.bytes.try_hold(bytes) || !place.count.try_hold(1)) return std::nullopt;
  return place;
}

void Publisher::watch() {
  const std::int64_t since = publishing_since_;
  if (since == 0) return;
  const auto limit = stopping_ ? Clock::duration::zero() : Clock::duration(settings_.stuck_limit);
  if (nanoseconds(Clock::now()) - since < limit.count()) return;
  const std::lock_guard lock(connection_mutex_);
  if (connection_) connection_->abort();
}

void Publisher::run() {
  while (!stopping_) {
    try {
      work();
    } catch (const TransientError& error) {
      disconnect(error.what());
      wait_readable(inbox_.fd(), backoff_.next());
    }
  }
  disconnect("stopping");
  take_uploads();
  for (Batch& batch : unconfirmed_) give_up(batch, kUnknown);
  for (const auto& upload : batcher_.take_all()) refuse(*upload, kUnknown);
}

void Publisher::work() {
  take_uploads();
  if (!connection_) connect();
  while (const auto event = connection_->next()) on_event(*event);
  publish_ready();
  ask_for_depths(Clock::now());
  connection_->wait(inbox_.fd(), time_to_wait());
}

void Publisher::connect() {
  auto connection = std::make_unique<AmqpConnection>(broker_, "ingest-gateway");
  connection->enable_confirms();
  {
    const std::lock_guard lock(connection_mutex_);
    connection_ = std::move(connection);
  }
  log_info(outage_logged_ ? "the broker is back" : "connected to the broker",
           {{"address", connection_->address()}});
  outage_logged_ = false;
  backoff_.reset();
  blocked_ = false;
  connected_ = true;
  next_tag_ = 1;
  republish();
}

void Publisher::republish() {
  while (!unconfirmed_.empty()) {
    Batch batch = std::move(unconfirmed_.front());
    unconfirmed_.pop_front();
    if (!batch.is_awaited()) {
      give_up(batch, kUnknown);
      continue;
    }
    metrics_.batches_republished.add();
    publish(std::move(batch));
  }
}

/// Whatever was not confirmed may or may not have arrived: it goes out again under the same batch ids.
void Publisher::disconnect(const std::string& reason) {
  connected_ = false;
  publishing_since_ = 0;
  if (!outage_logged_ && !stopping_)
    log_warn("the broker is away", {{"error", reason}, {"unconfirmed", in_flight_.size()}});
  outage_logged_ = true;
  std::vector<Batch> lost = in_flight_.take_all();
  unconfirmed_.insert(unconfirmed_.begin(), std::make_move_iterator(lost.begin()),
                      std::make_move_iterator(lost.end()));
  const std::lock_guard lock(connection_mutex_);
  connection_.reset();
}

void Publisher::take_uploads() {
  for (auto& upload : inbox_.take()) batcher_.add(std::move(upload));
}

void Publisher::publish_ready() {
  if (blocked_) return;
  while (auto batch = batcher_.next(Clock::now())) {
    slowness_.went_out(batch->ended, batch->body.size(), processor_time());
    batcher_.slow_down(slowness_.factor());
    publish(std::move(*batch));
  }
}

void Publisher::publish(Batch batch) {
  log_debug("publishing", {{"batch", batch.id}, {"parts", batch.parts}, {"records", batch.records}});
  // Kept before it is sent: when the connection breaks in between, it is published again.
  const Clock::time_point now = Clock::now();
  const std::uint64_t tag = next_tag_++;
  const Flight& flight = in_flight_.add(tag, {.batch = std::move(batch), .published = now});
  Publication publication{.exchange = topology_.records_exchange,
                          .routing_key = {},
                          .message_id = flight.batch.id,
                          .type = flight.batch.kind,
                          .headers = {{"parts", std::to_string(flight.batch.parts)},
                                      {"records", std::to_string(flight.batch.records)}},
                          .body = flight.batch.body,
                          .compressed = true};
  trace_departure(flight.batch);
  publishing_since_ = nanoseconds(now);
  check(connection_->publish(publication) == tag, "confirm tags count up by one");
  publishing_since_ = 0;
  admission_.published(flight.batch.body.size());
  metrics_.batches_published.add();
  metrics_.parts_per_batch.observe(static_cast<double>(flight.batch.parts));
}

void Publisher::ask_for_depths(Clock::time_point now) {
  if (now < next_depth_) return;
  next_depth_ = now + kDepthPeriod;
  connection_->request_depth(topology_.storage_queue);
  connection_->request_depth(topology_.cache_queue);
  if (now < next_dead_depth_) return;
  next_dead_depth_ = now + kDeadDepthPeriod;
  connection_->request_depth(dead_queue_of(topology_.storage_queue));
  connection_->request_depth(dead_queue_of(topology_.cache_queue));
}

void Publisher::note_depth(const QueueDepth& depth) {
  const bool is_work = depth.queue == topology_.storage_queue || depth.queue == topology_.cache_queue;
  if (is_work) admission_.set_depth(depth.queue, depth.messages);
  metrics_.note_depth(depth.queue.substr(broker_.prefix.size() + 1), depth.messages);
}

std::chrono::microseconds Publisher::time_to_wait() const {
  const auto due = blocked_ ? std::nullopt : batcher_.due();
  if (!due) return kLongestWait;
  const auto wait = std::chrono::ceil<std::chrono::microseconds>(*due - Clock::now());
  return std::clamp<std::chrono::microseconds>(wait, std::chrono::microseconds::zero(), kLongestWait);
}

void Publisher::on_event(const AmqpEvent& event) {
  if (const auto* confirm = std::get_if<Confirm>(&event)) return on_confirm(*confirm);
  if (const auto* returned = std::get_if<Returned>(&event)) return on_returned(*returned);
  if (const auto* depth = std::get_if<QueueDepth>(&event)) return note_depth(*depth);
  if (const auto* blocked = std::get_if<Blocked>(&event)) {
    blocked_ = blocked->blocked;
    log_warn(blocked->blocked ? "the broker is short of memory or disk and takes nothing"
                              : "the broker takes messages again");
  }
}

void Publisher::on_confirm(const Confirm& confirm) {
  for (const Flight& flight : in_flight_.land(confirm)) land(flight, confirm.accepted);
  note_verdict(confirm.accepted);
}

/// A full queue refuses until it has room. But a channel that was opened while a cluster's node died goes on
/// refusing though the queues are well: RabbitMQ asks the dead node for ever. So a connection that only
/// refuses is made anew, after growing times.
void Publisher::note_verdict(bool accepted) {
  if (accepted) {
    reconnect_at_.reset();
    refusals_.reset();
  } else if (!reconnect_at_) {
    reconnect_at_ = Clock::now() + refusals_.next();
  } else if (Clock::now() >= *reconnect_at_) {
    reconnect_at_.reset();
    throw TransientError("the broker refuses all that is published");
  }
}

void Publisher::on_returned(const Returned& returned) {
  log_error("no queue is bound to the records exchange", {{"batch", returned.message_id}});
  in_flight_.note_returned(returned.message_id);
}

void Publisher::land(const Flight& flight, bool accepted) {
  metrics_.confirm_seconds.observe(std::chrono::duration<double>(Clock::now() - flight.published).count());
  if (flight.returned) return give_up(flight.batch, "the broker has no queue for records");
  if (!accepted) return give_up(flight.batch, kUnknown);
  batcher_.landed();
  trace_landing(flight.batch, topology_.records_exchange, true);
  metrics_.count_accepted(flight.batch.kind, flight.batch.records);
  confirm_parts(flight.batch);
}

void Publisher::confirm_parts(const Batch& batch) {
  for (const auto& upload : batch.uploads) {
    if (++upload->parts_confirmed < upload->parts.size()) continue;
    metrics_.uploads_accepted.add();
    std::string body = receipt(*upload);
    confirmed_(*upload, body);
    upload->responder.send({.status = upload->answer, .body = std::move(body)});
  }
}

/// The batch leaves flight; every upload with a part in it that still waits is answered 503.
void Publisher::give_up(const Batch& batch, const std::string& reason) {
  batcher_.landed();
  trace_landing(batch, topology_.records_exchange, false);
  for (const auto& upload : batch.uploads) refuse(*upload, reason);
}

void Publisher::refuse(Upload& upload, const std::string& why) {
  if (upload.responder.expired()) return;
  metrics_.uploads_unconfirmed.add();
  upload.responder.send(problem_response(unavailable(why), upload.path, trace_id(upload.header.traceparent)));
}

}  // namespace comporta::gateway
