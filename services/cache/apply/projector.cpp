#include "services/cache/apply/projector.h"

#include <poll.h>

#include <algorithm>
#include <array>

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/base/uuid.h"
#include "common/telemetry/log.h"

namespace comporta {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{100};
constexpr milliseconds kLongestPause{2'000};
constexpr milliseconds kPingEvery{1'000};

void wait_for(int broker_fd, milliseconds limit) {
  pollfd broker{broker_fd, POLLIN, 0};
  ::poll(&broker, 1, static_cast<int>(std::max(limit, milliseconds{0}).count()));
}

/// Why no line of it can be looked at; empty if they can.
std::string why_unfit(const Delivery& delivery) {
  if (!is_uuid_v7(delivery.message_id)) return "the message id is not a UUIDv7";
  if (delivery.body.empty()) return "the message is empty";
  return {};
}

}  // namespace

Projector::Counters::Counters(const KindSet& kinds, Metrics& metrics)
    : parts_applied(metrics.counter("comporta_parts_applied_total", "Parts written to the cache.")),
      parts_repeated(metrics.counter("comporta_parts_repeated_total",
                                     "Parts that had been applied before and changed nothing.")),
      parts_failed(metrics.counter("comporta_parts_failed_total",
                                   "Parts that the code of their kind's views could not take.")),
      records_repeated(metrics.counter("comporta_records_repeated_total",
                                       "Records in parts that had been applied before.")),
      records_forbidden(metrics.counter("comporta_records_forbidden_total",
                                        "Records that changed nothing, for their sender may not do that.")),
      redis_errors(
          metrics.counter("comporta_redis_errors_total", "Failed attempts to reach Redis or apply.")),
      apply_seconds(metrics.histogram("comporta_apply_seconds", "Time to apply one group of messages.",
                                      {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1})),
      applied_seconds(metrics.histogram("comporta_applied_seconds",
                                        "From the receipt of a part to its being applied.", kPartSeconds)),
      group_messages(metrics.histogram("comporta_apply_group_messages", "Messages applied in one step.",
                                       {1, 2, 4, 8, 16, 32})) {
  for (const auto& [name, kind] : kinds.all())
    records_applied.emplace(name, metrics.counter("comporta_records_applied_total",
                                                  "Records written to the cache.", {{"kind", name}}));
}

Projector::Projector(const KindSet& kinds, ViewStore& store, Metrics& metrics, GroupLimits limits,
                     SpanSink* spans)
    : store_(store),
      spans_(spans),
      limits_(limits),
      counters_(kinds, metrics),
      backoff_(kFirstPause, kLongestPause) {
  for (const auto& [name, kind] : kinds.all()) readers_.try_emplace(name, kind);
}

void Projector::take(Delivery delivery) {
  waiting_.push_back(std::move(delivery));
}

std::vector<Settlement> Projector::work(int broker_fd, milliseconds limit) {
  const Clock::time_point now = Clock::now();
  if (now >= next_attempt_) {
    if (!waiting_.empty()) return apply_group();
    go_on_when_idle();
  }
  if (!waiting_.empty() || store_.has_more())
    limit = std::min(limit, std::chrono::ceil<milliseconds>(next_attempt_ - now));
  wait_for(broker_fd, limit);
  return {};
}

/// When the store is away the current group stays as it is, and may grow until the next attempt: if it is not
/// full, nothing is behind it.
std::vector<Settlement> Projector::apply_group() {
  const Clock::time_point start = Clock::now();
  read_on(current_, 0);
  if (spans_ != nullptr && current_.begin == WallClock::time_point()) current_.begin = WallClock::now();
  std::vector<PartResult> results;
  try {
    if (!current_.group.batches.empty())
      results = store_.apply_while(current_.group, [this] { return read_next(); });
  } catch (const TransientError& error) {
    store_failed(error.what());
    return {};
  }
  store_answered();
  counters_.apply_seconds.observe(std::chrono::duration<double>(Clock::now() - start).count());
  counters_.group_messages.observe(static_cast<double>(current_.messages));
  return settle(results);
}

void Projector::Reading::clear() {
  group.clear();
  lines.clear();
  messages = bytes = 0;
  full = false;
  begin = {};
}

void Projector::forget() {
  waiting_.clear();
  current_.clear();
  next_.clear();
}

/// What is read into next keeps the room of the largest group otherwise.
void Projector::rest() {
  current_ = {};
  next_ = {};
  store_.rest();
}

/// Goes on reading deliveries, of which the first is waiting_[first], until none is left or the group is
/// full.
void Projector::read_on(Reading& reading, std::size_t first) {
  while (!reading.full && first + reading.messages < waiting_.size()) {
    const Delivery& delivery = waiting_[first + reading.messages];
    reading.full = reading.messages > 0 && is_full(reading, delivery);
    if (!reading.full) read_delivery(reading, delivery);
  }
}

/// Those behind the current ones, while Redis is busy with these.
const Group* Projector::read_next() {
  read_on(next_, current_.messages);
  return next_.full && !next_.group.batches.empty() ? &next_.group : nullptr;
}

bool Projector::is_full(const Reading& reading, const Delivery& next) const {
  return reading.messages >= limits_.messages || reading.bytes + next.body.size() > limits_.bytes ||
         reading.group.records.size() >= limits_.records;
}

void Projector::read_delivery(Reading& reading, const Delivery& delivery) {
  reading.bytes += delivery.body.size();
  if (std::string unfit = why_unfit(delivery); !unfit.empty()) {
    reading.lines.push_back({reading.messages++, delivery.body, std::move(unfit), true});
    return;
  }
  reading.group.add_batch(delivery.message_id);
  const auto found = readers_.find(delivery.type);
  std::string_view rest = delivery.body;
  while (!rest.empty())
    read_line(reading, take_line(rest), found == readers_.end() ? nullptr : &found->second);
  ++reading.messages;
}

void Projector::read_line(Reading& reading, std::string_view text, PartReader* reader) {
  Line line{reading.messages, text};
  if (reader == nullptr) {
    line.fault = "unknown kind";
  } else if (auto fault = reader->read(text, reading.group)) {
    line.fault = std::move(*fault);
  }
  if (!line.fault.empty()) reading.group.add_unfit_line(text, line.fault);
  reading.lines.push_back(std::move(line));
}

/// Takes the current group's deliveries off the front; the next group is the current one from here.
std::vector<Settlement> Projector::settle(const std::vector<PartResult>& results) {
  std::vector<Settlement> settled;
  settled.reserve(current_.messages);
  for (std::size_t i = 0; i < current_.messages; ++i) settled.push_back({waiting_[i].tag});
  std::size_t part = 0;
  for (Line& line : current_.lines) {
    if (line.fault.empty()) {
      line.records = current_.group.parts[part].record_count;
      line.fault = count_result(results[part], current_.group.parts[part]);
      trace(results[part], current_.group.parts[part], waiting_[line.delivery]);
      ++part;
    }
    if (line.fault.empty()) continue;
    const Delivery& delivery = waiting_[line.delivery];
    settled[line.delivery].parked.push_back({.message_id = delivery.message_id,
                                             .type = delivery.type,
                                             .body = std::string(line.text),
                                             .reason = std::move(line.fault),
                                             .is_whole = line.is_whole,
                                             .attempts = delivery.delivery_count + 1,
                                             .records = line.is_whole ? delivery.records : line.records});
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(current_.messages));
  current_.clear();
  std::swap(current_, next_);
  return settled;
}

/// Returns why the part is to be parked; empty if it is not.
std::string Projector::count_result(const PartResult& result, const Part& part) {
  switch (result.outcome) {
    case PartOutcome::kConflict:
      return std::string(kConflictReason);
    case PartOutcome::kFailed:
      counters_.parts_failed.add();
      return result.reason;
    case PartOutcome::kRepeated:
      counters_.parts_repeated.add();
      counters_.records_repeated.add(static_cast<double>(part.record_count));
      return {};
    case PartOutcome::kApplied:
      count_applied(result, part);
      return {};
  }
  return {};
}

void Projector::count_applied(const PartResult& result, const Part& part) {
  counters_.parts_applied.add();
  counters_.records_applied.find(part.kind->name)->second.add(static_cast<double>(part.record_count));
  if (result.forbidden > 0) counters_.records_forbidden.add(static_cast<double>(result.forbidden));
  const auto since_receipt = WallClock::now().time_since_epoch() - milliseconds(part.received_ms);
  counters_.applied_seconds.observe(std::chrono::duration<double>(since_receipt).count());
}

void Projector::trace(const PartResult& result, const Part& part, const Delivery& delivery) const {
  if (spans_ == nullptr || part.trace.size == 0) return;
  static constexpr std::array kOutcomes{"applied", "repeated", "conflict", "failed"};
  const std::string_view outcome = kOutcomes.at(static_cast<std::size_t>(result.outcome));
  Span span = span_below(current_.group.at(part.trace), "apply", SpanKind::kConsumer, current_.begin);
  span.add("messaging.system", "rabbitmq");
  span.add("messaging.operation.type", "process");
  span.add("messaging.message.id", delivery.message_id);
  span.add("db.system.name", "redis");
  span.add("comporta.kind", part.kind->name);
  span.add("comporta.upload", current_.group.at(part.upload));
  span.add("comporta.part", part.number);
  span.add("comporta.records", part.record_count);
  span.add("comporta.outcome", outcome);
  span.failed = result.outcome == PartOutcome::kConflict || result.outcome == PartOutcome::kFailed;
  if (span.failed) span.add("error.type", outcome);
  spans_->take(std::move(span));
}

/// Also to see whether the store answers.
void Projector::go_on_when_idle() {
  if (available_ && !store_.has_more() && Clock::now() < next_ping_) return;
  try {
    store_.go_on();
    store_answered();
  } catch (const TransientError& error) {
    store_failed(error.what());
  }
}

void Projector::store_failed(const char* why) {
  counters_.redis_errors.add();
  available_ = false;
  next_attempt_ = Clock::now() + backoff_.next();
  if (outage_logged_) return;
  outage_logged_ = true;
  log_warn("the store is away; trying again until it is back", {{"reason", why}});
}

void Projector::store_answered() {
  if (outage_logged_) log_info("the store is back");
  outage_logged_ = false;
  available_ = true;
  backoff_.reset();
  next_ping_ = Clock::now() + kPingEvery;
}

}  // namespace comporta
