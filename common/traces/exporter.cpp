#include "common/traces/exporter.h"

#include <pthread.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "common/telemetry/log.h"

namespace comporta {
namespace {

using std::chrono::milliseconds;

/// So that one request carries many.
constexpr milliseconds kBetweenBatches{500};
constexpr milliseconds kConnectTimeout{2'000};
constexpr milliseconds kTimeout{10'000};
constexpr milliseconds kToEnd{1'000};
constexpr milliseconds kBetweenLooks{100};

}  // namespace

SpanCounters::SpanCounters(Metrics& metrics)
    : sent(metrics.counter("comporta_spans_sent_total", "Spans that the receiver of traces has taken")),
      dropped(metrics.counter("comporta_spans_dropped_total",
                              "Spans that the receiver of traces did not take in time")) {}

SpanExporter::SpanExporter(const TraceSettings& settings, SpanSource source, const SpanCounters& counters)
    : url_(settings.endpoint + "/v1/traces"),
      source_(std::move(source)),
      max_waiting_(settings.max_waiting),
      counters_(counters),
      client_({.max_connections = 1}),
      thread_([this] { run(); }) {
  pthread_setname_np(thread_.native_handle(), "traces");
}

SpanExporter::~SpanExporter() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = Clock::now() + kToEnd;
  }
  changed_.notify_one();
  thread_.join();
}

void SpanExporter::take(Span span) {
  bool is_full = false;
  bool fills_a_batch = false;
  {
    const std::lock_guard lock(mutex_);
    is_full = waiting_.size() >= max_waiting_;
    if (!is_full) waiting_.push_back(std::move(span));
    fills_a_batch = !is_full && waiting_.size() == kMostInBatch;
  }
  if (is_full) counters_.dropped.add();
  if (fills_a_batch) changed_.notify_one();
}

void SpanExporter::run() {
  for (auto batch = next_batch(); !batch.empty() || !is_over(Clock::now()); batch = next_batch())
    if (!batch.empty()) send(batch);
}

/// What has come in the meantime; nothing at the end, when all has been taken.
std::vector<Span> SpanExporter::next_batch() {
  std::unique_lock lock(mutex_);
  const auto is_due = [this] { return waiting_.size() >= kMostInBatch || ends_ != Clock::time_point::max(); };
  changed_.wait_for(lock, kBetweenBatches, is_due);
  const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kMostInBatch));
  std::vector<Span> batch(std::make_move_iterator(waiting_.begin()),
                          std::make_move_iterator(waiting_.begin() + count));
  waiting_.erase(waiting_.begin(), waiting_.begin() + count);
  if (batch.empty() && ends_ != Clock::time_point::max()) ends_ = Clock::now();
  return batch;
}

bool SpanExporter::is_over(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  return now >= ends_;
}

void SpanExporter::send(const std::vector<Span>& batch) {
  const bool is_late = is_over(Clock::now());
  const IncomingAnswer answer = is_late ? IncomingAnswer() : post(otlp_json(source_, batch));
  const bool is_taken = answer.status >= 200 && answer.status < 300;
  const std::size_t taken = is_taken ? batch.size() - std::min(rejected_spans(answer.body), batch.size()) : 0;
  counters_.sent.add(static_cast<double>(taken));
  counters_.dropped.add(static_cast<double>(batch.size() - taken));
  if (is_late) return;
  note_receiver(is_taken             ? ""
                : answer.status != 0 ? "it answers " + std::to_string(answer.status)
                                     : answer.fault);
}

IncomingAnswer SpanExporter::post(std::string body) {
  client_.start(0, {.method = "POST",
                    .url = url_,
                    .headers = {{"Content-Type", "application/json"}},
                    .body = std::make_shared<const std::string>(std::move(body)),
                    .connect_timeout = kConnectTimeout,
                    .timeout = kTimeout,
                    .to_any_address = true});
  for (;;) {
    auto answers = client_.poll(-1, kBetweenLooks);
    if (!answers.empty()) return std::move(answers.front());
    if (is_over(Clock::now())) return {.fault = "there was no time for its answer"};
  }
}

/// One line when it goes, and one when it is back.
void SpanExporter::note_receiver(const std::string& fault) {
  if (std::exchange(is_away_, !fault.empty()) == !fault.empty()) return;
  if (is_away_)
    log_warn("the receiver of traces takes no spans; they are dropped", {{"reason", fault}});
  else
    log_info("the receiver of traces takes spans again");
}

}  // namespace comporta
