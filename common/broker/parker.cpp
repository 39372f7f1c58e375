#include "common/broker/parker.h"

#include <utility>

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/base/uuid.h"
#include "common/telemetry/log.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;

// A header must fit into one frame, whatever a handler may say.
constexpr std::size_t kMaxReasonBytes = 1'000;

}  // namespace

Parked parked_whole(Delivery delivery, std::string reason) {
  return {.message_id = std::move(delivery.message_id),
          .type = std::move(delivery.type),
          .body = std::move(delivery.body),
          .reason = std::move(reason),
          .is_whole = true,
          .attempts = delivery.delivery_count + 1,
          .records = delivery.records};
}

Parker::Parker(const BrokerSettings& broker, const std::string& name, const std::string& queue,
               Counter parked, Counter records)
    : broker_(broker),
      name_(name + " parking"),
      queue_(queue),
      dead_exchange_(Topology(broker.prefix).dead_exchange),
      parked_(parked),
      records_(records),
      backoff_(200ms, 5'000ms) {}

void Parker::add(Settlement settlement) {
  log_warn("parked", {{"queue", queue_},
                      {"message_id", settlement.parked.front().message_id},
                      {"parts", settlement.parked.size()},
                      {"reason", settlement.parked.front().reason}});
  waiting_.push_back({.settlement = std::move(settlement)});
}

std::vector<std::uint64_t> Parker::work() {
  try {
    if (connection_.get() == nullptr) {
      if (idle() || std::chrono::steady_clock::now() < retry_at_) return {};
      connect();
    }
    take_answers();
    publish_all();
  } catch (const TransientError& error) {
    lose_connection(error.what());
  }
  return take_confirmed();
}

void Parker::forget() {
  waiting_.clear();
  connection_.close();
}

void Parker::connect() {
  unconfirmed_ = {};
  for (Waiting& waiting : waiting_) waiting.last_tag = 0;
  blocked_ = false;
  connection_.open(broker_, name_).enable_confirms();
}

void Parker::publish_all() {
  for (Waiting& waiting : waiting_) {
    if (blocked_) return;
    if (waiting.last_tag != 0) continue;
    for (const Parked& parked : waiting.settlement.parked) publish(parked);
    waiting.last_tag = last_tag_;
  }
}

void Parker::publish(const Parked& parked) {
  last_tag_ = connection_.get()->publish({.exchange = dead_exchange_,
                                          .routing_key = queue_,
                                          .message_id = parked.message_id,
                                          .type = parked.type,
                                          .headers = {{"reason", parked.reason.substr(0, kMaxReasonBytes)},
                                                      {"queue", queue_},
                                                      {"parked_at", rfc3339(WallClock::now())},
                                                      {"scope", parked.is_whole ? "message" : "part"},
                                                      {"attempts", std::to_string(parked.attempts)}},
                                          .body = parked.body});
  unconfirmed_.published(last_tag_);
}

void Parker::take_answers() {
  while (std::optional<AmqpEvent> event = connection_.get()->next()) {
    if (const auto* answer = std::get_if<Confirm>(&*event)) confirm(*answer);
    if (const auto* state = std::get_if<Blocked>(&*event)) blocked_ = state->blocked;
    if (const auto* returned = std::get_if<Returned>(&*event)) {
      throw TransientError(dead_exchange_ + " has no queue for " + queue_ + ": " + returned->reason);
    }
  }
}

void Parker::confirm(const Confirm& confirm) {
  if (!confirm.accepted) throw TransientError("the dead queue of " + queue_ + " refuses what is published");
  unconfirmed_.confirmed(confirm);
}

std::vector<std::uint64_t> Parker::take_confirmed() {
  std::vector<std::uint64_t> tags;
  while (!waiting_.empty() && waiting_.front().last_tag != 0) {
    if (unconfirmed_.has_any_up_to(waiting_.front().last_tag)) break;
    for (const Parked& parked : waiting_.front().settlement.parked) {
      parked_.add();
      records_.add(static_cast<double>(parked.records));
    }
    tags.push_back(waiting_.front().settlement.tag);
    waiting_.pop_front();
  }
  if (tags.empty()) return tags;
  backoff_.reset();
  if (std::exchange(failing_, false)) log_info("parking again", {{"queue", queue_}});
  return tags;
}

void Parker::lose_connection(const char* reason) {
  connection_.close();
  retry_at_ = std::chrono::steady_clock::now() + backoff_.next();
  if (idle()) return;  // nothing needs it
  if (!std::exchange(failing_, true)) {
    log_warn("cannot park: trying again", {{"queue", queue_}, {"reason", reason}});
  }
}

}  // namespace comporta
