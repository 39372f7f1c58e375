#include "common/consume_loop.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "common/ack_ledger.h"
#include "common/backoff.h"
#include "common/error.h"
#include "common/log.h"
#include "common/parker.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// How long a handler may wait: it bounds how late stop() is seen, and while something is being parked, how
// late its confirm is.
constexpr std::chrono::milliseconds kPassLimit{250};
constexpr std::chrono::milliseconds kParkingPassLimit{10};

struct LoopMetrics {
  explicit LoopMetrics(Metrics& metrics)
      : deliveries(metrics.counter("comporta_deliveries_total", "Messages taken from the broker.")),
        redeliveries(metrics.counter("comporta_redeliveries_total", "Messages taken that came before.")),
        acknowledged(metrics.counter("comporta_acknowledged_total", "Messages done with.")),
        parked(metrics.counter("comporta_parked_total", "Parts put aside in the dead queue.")),
        reconnects(metrics.counter("comporta_broker_reconnects_total", "Connections after the first.")),
        connected(metrics.gauge("comporta_broker_connected", "1 while consuming from the broker.")) {}

  Counter deliveries;
  Counter redeliveries;
  Counter acknowledged;
  Counter parked;
  Counter reconnects;
  Gauge connected;
};

}  // namespace

struct ConsumeLoop::Impl {
  Impl(BrokerSettings broker_settings, ConsumeSettings consume_settings, std::string connection_name,
       DeliveryHandler& deliveries_to, Metrics& metrics_of)
      : broker(std::move(broker_settings)),
        settings(std::move(consume_settings)),
        name(std::move(connection_name)),
        handler(deliveries_to),
        metrics(metrics_of),
        parker(broker, name, settings.queue, metrics.parked) {}

  void run();
  void serve(AmqpConnection& connection);
  void drain(AmqpConnection& connection);
  void pass(AmqpConnection& connection);
  void take_deliveries(AmqpConnection& connection);
  void take(Delivery delivery);
  void settle(Settlement settlement);
  void acknowledge(AmqpConnection& connection);
  bool drained() const { return handler.unsettled() == 0 && parker.idle(); }
  void forget();
  void set_connected(bool now_connected);
  void note_loss(const TransientError& error);
  void note_connection();
  void pause();

  const BrokerSettings broker;
  const ConsumeSettings settings;
  const std::string name;
  DeliveryHandler& handler;
  LoopMetrics metrics;
  Parker parker;
  AckLedger ledger;
  Backoff backoff{200ms, 5'000ms};
  bool draining = false;
  bool was_connected = false;
  bool outage = false;
  std::atomic<bool> connected{false};
  std::atomic<bool> stopping{false};
  std::mutex mutex;
  std::condition_variable wake;
};

void ConsumeLoop::Impl::run() {
  while (!stopping) {
    try {
      AmqpConnection connection(broker, name);
      serve(connection);
    } catch (const TransientError& error) {
      note_loss(error);
      pause();
    }
  }
  set_connected(false);
}

void ConsumeLoop::Impl::serve(AmqpConnection& connection) {
  connection.consume(settings.queue, settings.prefetch);
  note_connection();
  while (!stopping) pass(connection);
  drain(connection);
}

void ConsumeLoop::Impl::drain(AmqpConnection& connection) {
  draining = true;
  connection.stop_consuming();
  const auto deadline = Clock::now() + settings.drain_limit;
  while (!drained() && Clock::now() < deadline) pass(connection);
  if (drained()) return;
  log_warn("not finished in time: messages go back to the queue",
           {{"queue", settings.queue}, {"unsettled", handler.unsettled()}});
  forget();
}

void ConsumeLoop::Impl::pass(AmqpConnection& connection) {
  take_deliveries(connection);
  const auto limit = parker.idle() ? kPassLimit : kParkingPassLimit;
  for (Settlement& settlement : handler.work(connection.fd(), limit)) settle(std::move(settlement));
  for (const std::uint64_t tag : parker.work()) ledger.settled(tag);
  acknowledge(connection);
}

void ConsumeLoop::Impl::take_deliveries(AmqpConnection& connection) {
  while (std::optional<AmqpEvent> event = connection.next()) {
    auto* delivery = std::get_if<Delivery>(&*event);
    if (delivery != nullptr && !draining) take(std::move(*delivery));
  }
}

void ConsumeLoop::Impl::take(Delivery delivery) {
  metrics.deliveries.add();
  if (delivery.redelivered) metrics.redeliveries.add();
  ledger.taken(delivery.tag);
  handler.take(std::move(delivery));
}

void ConsumeLoop::Impl::settle(Settlement settlement) {
  if (settlement.parked.empty()) {
    ledger.settled(settlement.tag);
  } else {
    parker.add(std::move(settlement));
  }
}

void ConsumeLoop::Impl::acknowledge(AmqpConnection& connection) {
  for (const Ack& ack : ledger.due()) {
    connection.ack(ack.tag, ack.multiple);
    metrics.acknowledged.add(static_cast<double>(ack.count));
  }
}

void ConsumeLoop::Impl::forget() {
  handler.forget();
  parker.forget();
  ledger = AckLedger();
}

void ConsumeLoop::Impl::set_connected(bool now_connected) {
  connected = now_connected;
  metrics.connected.set(now_connected ? 1 : 0);
}

void ConsumeLoop::Impl::note_connection() {
  set_connected(true);
  backoff.reset();
  if (std::exchange(was_connected, true)) metrics.reconnects.add();
  outage = false;
  log_info("consuming", {{"queue", settings.queue}});
}

void ConsumeLoop::Impl::note_loss(const TransientError& error) {
  set_connected(false);
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

bool ConsumeLoop::connected() const {
  return impl_->connected;
}

}  // namespace comporta
