#include "services/storage/archive.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "common/base/digest.h"
#include "common/base/text.h"
#include "common/base/uuid.h"
#include "common/broker/message.h"
#include "common/telemetry/log.h"

namespace comporta {
namespace {

const std::vector<double> kPutSeconds = {0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30};

std::size_t count_lines(std::string_view text) {
  std::size_t lines = 0;
  for (; !text.empty(); take_line(text)) ++lines;
  return lines;
}

/// Why there can be no object for it; empty if there can.
std::string why_unfit(const Delivery& delivery) {
  if (!is_kind_name(delivery.type)) return "the message's type is not the name of a kind";
  if (!object_name(delivery.type, delivery.message_id)) return "the message's id is not a UUIDv7";
  if (delivery.body.empty()) return "the message is empty";
  return {};
}

std::shared_ptr<const NewObject> make_object(Delivery delivery) {
  auto object = std::make_shared<NewObject>();
  object->name = *object_name(delivery.type, delivery.message_id);
  object->sha256 = to_hex(sha256(delivery.body));
  object->parts = count_lines(delivery.body);
  object->body = std::move(delivery.body);
  return object;
}

}  // namespace

Archive::Archive(ObjectWriter& writer, const ArchiveSettings& settings, Metrics& metrics, SpanSink* spans)
    : writer_(writer),
      settings_(settings),
      spans_(spans),
      backoff_(settings.retry_first, settings.retry_limit),
      objects_(metrics.counter("comporta_objects_stored_total", "Objects that the store has written")),
      object_bytes_(metrics.counter("comporta_object_bytes_total", "Bytes of the objects written")),
      records_(metrics.counter("comporta_records_stored_total",
                               "Records in the objects written, as their messages say.")),
      errors_(metrics.counter("comporta_store_errors_total", "Requests to the object store that failed")),
      put_seconds_(metrics.histogram("comporta_object_put_seconds",
                                     "From the start of a write to its success", kPutSeconds)),
      stored_seconds_(metrics.histogram("comporta_stored_seconds", "From the receipt of a part to its object",
                                        kPartSeconds)),
      in_flight_gauge_(metrics.gauge("comporta_object_puts_in_flight", "Writes without an answer yet")) {}

void Archive::take(Delivery delivery) {
  std::string reason = why_unfit(delivery);
  if (!reason.empty()) return park(std::move(delivery), std::move(reason));
  const std::uint64_t tag = delivery.tag;
  const std::uint64_t records = delivery.records;
  waiting_.push_back({.tag = tag, .object = make_object(std::move(delivery)), .records = records});
}

void Archive::park(Delivery delivery, std::string reason) {
  const std::uint64_t tag = delivery.tag;
  settled_.push_back({.tag = tag, .parked = {parked_whole(std::move(delivery), std::move(reason))}});
}

std::vector<Settlement> Archive::work(int broker_fd, std::chrono::milliseconds limit) {
  start_what_may_start();
  for (const StoreResult& result : writer_.poll(broker_fd, waiting_time(limit))) end(result);
  in_flight_gauge_.set(static_cast<double>(in_flight_.size()));
  return std::exchange(settled_, {});
}

std::size_t Archive::unsettled() const {
  const auto remembered = std::count_if(in_flight_.begin(), in_flight_.end(),
                                        [](const auto& job) { return !job.second.forgotten; });
  return waiting_.size() + settled_.size() + static_cast<std::size_t>(remembered);
}

void Archive::forget() {
  waiting_.clear();
  settled_.clear();
  for (auto& [token, job] : in_flight_) job.forgotten = true;
}

void Archive::start_what_may_start() {
  const Clock::time_point now = Clock::now();
  const bool pause_is_over = store_ == Store::kPaused && now >= paused_until_;
  const bool idle = waiting_.empty() && in_flight_.empty();
  const bool probe_is_due = store_ == Store::kReady && idle && now - last_answer_ >= settings_.probe_interval;
  if (store_ == Store::kUnknown || pause_is_over) writer_.start_prepare(new_prepare());
  if (probe_is_due) writer_.start_look(new_prepare());
  if (store_ == Store::kReady) start_puts();
}

std::uint64_t Archive::new_prepare() {
  store_ = Store::kPreparing;
  return prepare_token_ = ++last_token_;
}

void Archive::start_puts() {
  while (!waiting_.empty() && in_flight_.size() < settings_.puts_in_flight) {
    Job job = std::move(waiting_.front());
    waiting_.pop_front();
    job.started = Clock::now();
    if (spans_ != nullptr && job.begin == WallClock::time_point()) job.begin = WallClock::now();
    writer_.start_put(++last_token_, job.object);
    in_flight_.emplace(last_token_, std::move(job));
  }
}

std::chrono::milliseconds Archive::waiting_time(std::chrono::milliseconds limit) const {
  using std::chrono::milliseconds;
  if (!settled_.empty()) return milliseconds(0);
  if (store_ != Store::kPaused) return limit;
  const auto left = std::chrono::ceil<milliseconds>(paused_until_ - Clock::now());
  return std::clamp(left, milliseconds(0), limit);
}

void Archive::end(const StoreResult& result) {
  last_answer_ = Clock::now();
  if (store_ == Store::kPreparing && result.token == prepare_token_) return end_prepare(result);
  auto job = in_flight_.extract(result.token);
  if (job) end_put(std::move(job.mapped()), result);  // otherwise a prepare that a pause has overtaken
}

void Archive::end_prepare(const StoreResult& result) {
  if (result.fault) return pause(*result.fault);
  store_ = Store::kReady;
  if (!is_retrying()) end_outage();
}

void Archive::end_put(Job job, const StoreResult& result) {
  if (result.fault) {
    pause(*result.fault);
    job.failed_before = true;
    if (!job.forgotten) waiting_.push_front(std::move(job));
    return;
  }
  count(job);
  if (spans_ != nullptr) trace(job);
  if (!job.forgotten) settled_.push_back({.tag = job.tag});
  backoff_.reset();
  if (!is_retrying()) end_outage();
}

void Archive::count(const Job& job) const {
  objects_.add();
  object_bytes_.add(static_cast<double>(job.object->body.size()));
  records_.add(static_cast<double>(job.records));
  put_seconds_.observe(std::chrono::duration<double>(last_answer_ - job.started).count());
  const auto now = WallClock::now();
  for (std::string_view rest = job.object->body; !rest.empty();)
    if (const auto received = received_at(take_line(rest)))
      stored_seconds_.observe(std::chrono::duration<double>(now - *received).count());
}

/// A span for each part that is sampled.
void Archive::trace(const Job& job) const {
  for (std::string_view rest = job.object->body; !rest.empty();) {
    const std::string_view traceparent = sampled_trace(take_line(rest));
    if (traceparent.empty()) continue;
    const std::string batch = std::filesystem::path(job.object->name).stem().string();
    Span span = span_below(traceparent, "store", SpanKind::kConsumer, job.begin);
    span.add("messaging.system", "rabbitmq");
    span.add("messaging.operation.type", "process");
    span.add("messaging.message.id", batch);
    span.add("comporta.object", job.object->name);
    span.add("comporta.batch.parts", job.object->parts);
    span.add("comporta.batch.records", std::size_t{job.records});
    spans_->take(std::move(span));
  }
}

void Archive::pause(const std::string& fault) {
  errors_.add();
  if (!outage_) log_warn("the object store fails; waiting for it", {{"fault", fault}});
  outage_ = true;
  reachable_ = false;
  if (store_ == Store::kPaused) return;
  store_ = Store::kPaused;
  paused_until_ = Clock::now() + backoff_.next();
}

/// An outage is over when what has failed in it is written, not at the first thing that goes well: a store
/// that does one thing in two would fill the log.
void Archive::end_outage() {
  if (!reachable_) log_info("the object store is ready");
  outage_ = false;
  reachable_ = true;
  backoff_.reset();
}

bool Archive::is_retrying() const {
  const auto failed_before = [](const Job& job) { return job.failed_before; };
  return std::any_of(waiting_.begin(), waiting_.end(), failed_before) ||
         std::any_of(in_flight_.begin(), in_flight_.end(), [&](const auto& entry) {
           return !entry.second.forgotten && failed_before(entry.second);
         });
}

}  // namespace comporta
