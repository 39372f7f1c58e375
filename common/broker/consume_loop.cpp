#include "common/broker/consume_loop.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "common/base/backoff.h"
#include "common/base/error.h"
#include "common/base/spare_memory.h"
#include "common/base/uuid.h"
#include "common/broker/ack_ledger.h"
#include "common/broker/in_turn.h"
#include "common/broker/loop_metrics.h"
#include "common/broker/parker.h"
#include "common/broker/survived_returns.h"
#include "common/broker/taking.h"
#include "common/broker/waiting.h"
#include "common/broker/watched_connection.h"
#include "common/telemetry/log.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// How long a handler may wait: it bounds how late stop() is seen, and while something is being parked, how
// late its confirm is.
constexpr std::chrono::milliseconds kPassLimit{250};
constexpr std::chrono::milliseconds kParkingPassLimit{10};

}  // namespace

struct ConsumeLoop::Impl {
  Impl(BrokerSettings broker_settings, ConsumeSettings consume_settings, std::string connection_name,
       DeliveryHandler& deliveries_to, Metrics& metrics_of)
      : broker(std::move(broker_settings)),
        settings(std::move(consume_settings)),
        name(std::move(connection_name)),
        handler(deliveries_to),
        metrics(metrics_of),
        parker(broker, name, settings.queue, metrics.parked, metrics.records_parked) {
    if (settings.in_order) turn(TakingEvent::kTakesMany);
  }

  void run();
  void serve(AmqpConnection& connection);
  void take_many(AmqpConnection& connection);
  void drain(AmqpConnection& connection);
  void pass(AmqpConnection& connection);
  void note(Delivery delivery);
  void hand_on();
  void take(Delivery delivery);
  std::string why_unfit(const Delivery& delivery) const;
  void settle(Settlement settlement);
  void settled(std::uint64_t tag);
  void acknowledge(AmqpConnection& connection);
  void give_back_memory();
  bool drained() const { return handler.unsettled() == 0 && parker.idle(); }
  void turn(TakingEvent event) { taking = after(taking, event, settings.prefetch); }
  void forget();
  void note_loss(const TransientError& error);
  void note_connection();
  void note_consumer();
  void pause();

  const BrokerSettings broker;
  const ConsumeSettings settings;
  const std::string name;
  DeliveryHandler& handler;
  LoopMetrics metrics;
  WatchedConnection watched;
  Parker parker;
  std::deque<Delivery> arrived;  ///< whose turn has not come
  AckLedger ledger;
  SurvivedReturns returns;
  Taking taking;
  InTurn in_turn;
  Backoff backoff{200ms, 5'000ms};
  bool was_connected = false;
  bool consumes = false;
  bool outage = false;
  SpareMemory memory;
  bool has_taken = false;  ///< since memory was last thought of
  Waiting waiting;
  std::atomic<bool> connected{false};
  std::atomic<bool> stopping{false};
  std::mutex mutex;
  std::condition_variable wake;
};

void ConsumeLoop::Impl::run() {
  while (!stopping) {
    try {
      serve(watched.open(broker, name));
      watched.close();
    } catch (const TransientError& error) {
      watched.close();
      note_loss(error);
      pause();
    }
  }
  connected = false;
}

void ConsumeLoop::Impl::serve(AmqpConnection& connection) {
  note_connection();
  while (!stopping && !handler.ready()) pass(connection);
  if (stopping) return;
  connection.consume(settings.queue, prefetch_of(taking, settings.prefetch));
  while (!stopping && taking.state != TakingState::kGivingBack) {
    pass(connection);
    if (taking.state == TakingState::kLastAlone && drained()) take_many(connection);
  }
  if (stopping) return drain(connection);
  log_warn("a message came back often: one at a time from here", {{"queue", settings.queue}});
  forget();  // all of it goes back to the queue with the connection
}

/// The last one that was taken alone is acknowledged only behind the cancellation: a standby that takes over
/// meanwhile does so behind it.
void ConsumeLoop::Impl::take_many(AmqpConnection& connection) {
  turn(TakingEvent::kTakesMany);
  connection.stop_consuming();
  acknowledge(connection);
  connection.consume(settings.queue, prefetch_of(taking, settings.prefetch));
}

/// In order, nobody else is to take what comes behind before that is done with: only the end of the
/// connection makes way, and gives back the rest.
void ConsumeLoop::Impl::drain(AmqpConnection& connection) {
  turn(TakingEvent::kStop);
  if (!settings.in_order) connection.stop_consuming();
  const auto deadline = Clock::now() + settings.drain_limit;
  while (!drained() && Clock::now() < deadline) pass(connection);
  if (drained()) return;
  log_warn("not finished in time: messages go back to the queue",
           {{"queue", settings.queue}, {"unsettled", handler.unsettled()}});
  forget();
}

void ConsumeLoop::Impl::pass(AmqpConnection& connection) {
  while (std::optional<AmqpEvent> event = connection.next()) {
    if (auto* delivery = std::get_if<Delivery>(&*event)) note(std::move(*delivery));
    if (std::holds_alternative<Consuming>(*event)) note_consumer();
    if (const auto* depth = std::get_if<QueueDepth>(&*event)) waiting.note_queued(depth->messages);
  }
  hand_on();
  const auto limit = parker.idle() ? kPassLimit : kParkingPassLimit;
  for (Settlement& settlement : handler.work(connection.fd(), limit)) settle(std::move(settlement));
  for (const std::uint64_t tag : parker.work()) settled(tag);
  if (taking.state != TakingState::kLastAlone) acknowledge(connection);
  metrics.note_unsettled(ledger);
  waiting.note_taken(ledger);
  if (waiting.is_to_ask()) connection.request_depth(settings.queue);
  give_back_memory();
}

void ConsumeLoop::Impl::give_back_memory() {
  if (!memory.is_due(std::exchange(has_taken, false) || handler.unsettled() > 0)) return;
  handler.rest();
  SpareMemory::give_back();
}

void ConsumeLoop::Impl::note(Delivery delivery) {
  ledger.delivered(delivery.tag, uuid_v7_time(delivery.message_id));
  returns.delivered(delivery);
  arrived.push_back(std::move(delivery));
}

void ConsumeLoop::Impl::hand_on() {
  while (!arrived.empty()) {
    const bool suspect = is_suspect(arrived.front());
    if (settings.in_order && !in_turn.may_be_next(suspect, drained())) return;
    take(std::move(arrived.front()));
    arrived.pop_front();
    in_turn.handed_on(suspect);
  }
}

void ConsumeLoop::Impl::take(Delivery delivery) {
  std::string unfit = why_unfit(delivery);
  const bool suspect = !settings.in_order && is_suspect(delivery);
  const auto event = !unfit.empty() ? TakingEvent::kUnfit
                     : suspect      ? TakingEvent::kSuspect
                                    : TakingEvent::kHarmless;
  const Fate fate = fate_of(taking, event);
  turn(event);
  if (fate == Fate::kLeave) return;
  metrics.deliveries.add();
  if (delivery.redelivered) metrics.redeliveries.add();
  has_taken = true;
  if (fate == Fate::kHand) return handler.take(std::move(delivery));
  const std::uint64_t tag = delivery.tag;
  settle({.tag = tag, .parked = {parked_whole(std::move(delivery), std::move(unfit))}});
}

/// To be parked unseen; empty if it is not.
std::string ConsumeLoop::Impl::why_unfit(const Delivery& delivery) const {
  const std::uint64_t crashes = returns.crashes(delivery);
  const bool is_worn_out = settings.in_order ? in_turn.is_worn_out(crashes, settings.crash_limit)
                                             : crashes >= settings.crash_limit;
  if (!is_worn_out) return delivery.fault;
  return "came back to the queue " + std::to_string(crashes) +
         " times: nobody who took it has lived to settle it";
}

void ConsumeLoop::Impl::settle(Settlement settlement) {
  if (settlement.parked.empty()) {
    settled(settlement.tag);
  } else {
    parker.add(std::move(settlement));
  }
}

void ConsumeLoop::Impl::settled(std::uint64_t tag) {
  ledger.settled(tag);
  returns.settled(tag);
}

void ConsumeLoop::Impl::acknowledge(AmqpConnection& connection) {
  for (const Ack& ack : ledger.due()) {
    connection.ack(ack.tag, ack.multiple);
    metrics.acknowledged.add(static_cast<double>(ack.count));
  }
}

void ConsumeLoop::Impl::forget() {
  arrived.clear();
  handler.forget();
  parker.forget();
  ledger = AckLedger();
  returns.lost();
  in_turn.lost();
  turn(TakingEvent::kLost);
  metrics.note_unsettled(ledger);
  waiting.lost();
}

void ConsumeLoop::Impl::note_connection() {
  connected = true;
  consumes = false;
  if (std::exchange(was_connected, true)) metrics.reconnects.add();
}

/// Only now the outage is over: a broker that ends every consumer is tried again ever more slowly, too.
void ConsumeLoop::Impl::note_consumer() {
  backoff.reset();
  outage = false;
  if (!std::exchange(consumes, true)) log_info("consuming", {{"queue", settings.queue}});
}

void ConsumeLoop::Impl::note_loss(const TransientError& error) {
  connected = false;
  forget();
  if (!std::exchange(outage, true)) {
    log_warn("no broker: trying again", {{"queue", settings.queue}, {"reason", error.what()}});
  }
}

void ConsumeLoop::Impl::pause() {
  std::unique_lock lock(mutex);
  wake.wait_for(lock, backoff.next(), [this] { return stopping.load(); });
}

ConsumeLoop::ConsumeLoop(BrokerSettings broker, ConsumeSettings settings, std::string name,
                         DeliveryHandler& handler, Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(broker), std::move(settings), std::move(name), handler,
                                   metrics)) {}

ConsumeLoop::~ConsumeLoop() = default;

void ConsumeLoop::run() {
  impl_->run();
}

void ConsumeLoop::stop() {
  const std::lock_guard lock(impl_->mutex);
  impl_->stopping = true;
  impl_->wake.notify_all();
}

void ConsumeLoop::watch() {
  const auto limit = impl_->broker.heartbeat / 2;
  impl_->watched.watch(limit);
  impl_->parker.watch(limit);
}

std::optional<WallClock::time_point> ConsumeLoop::behind_since() const {
  return impl_->waiting.since();
}

bool ConsumeLoop::connected() const {
  return impl_->connected;
}

}  // namespace comporta
