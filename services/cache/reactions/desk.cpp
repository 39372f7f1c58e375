#include "services/cache/reactions/desk.h"

#include <utility>

#include "common/base/text.h"
#include "common/telemetry/log.h"
#include "services/cache/reactions/call_trace.h"
#include "services/cache/reactions/schedule.h"

namespace comporta {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds kUploadTimeout{15};
/// Behind an upload that was not taken, and that is tried again.
constexpr milliseconds kUploadPause{1'000};
/// Behind one that was: as long as it is not applied it may have been lost.
constexpr milliseconds kAppliedPause{60'000};
constexpr int kConflict = 409;  // another body is under that key: it was uploaded before

bool is_taken(int status) {
  return (status >= 200 && status < 300) || status == kConflict;
}

/// Of a record that is none to its kind.
bool is_refused(int status) {
  return status == 400 || status == 413 || status == 422;
}

std::string as_path(std::string_view kind) {
  return "/api/v1/records/" + std::string(kind);
}

}  // namespace

ReactionDesk::ReactionDesk(const std::vector<const Reaction*>& reactions, ReactionDeskSettings settings,
                           Outside outside, Outbox& outbox, Metrics& metrics)
    : settings_(std::move(settings)), outside_(std::move(outside)), outbox_(outbox), reactions_(reactions) {
  for (const Reaction* reaction : reactions_) lines_.push_back(line_of(*reaction, metrics));
}

ReactionDesk::Line ReactionDesk::line_of(const Reaction& reaction, Metrics& metrics) const {
  const MetricLabels labels = {{"kind", reaction.kind}, {"reaction", reaction.name}};
  const auto outcomes = [&](const char* outcome) {
    MetricLabels with_outcome = labels;
    with_outcome.emplace_back("outcome", outcome);
    return metrics.counter("comporta_reactions_total", "Reactions that have an outcome.", with_outcome);
  };
  return {.reaction = &reaction,
          .waiting = metrics.gauge("comporta_reactions_waiting", "Reactions without an outcome.", labels),
          .oldest = metrics.gauge("comporta_reactions_oldest_seconds",
                                  "How long the oldest reaction without an outcome has waited.", labels),
          .done = outcomes("done"),
          .failed = outcomes("failed"),
          .seconds = metrics.histogram("comporta_reaction_call_seconds",
                                       "Calls because of records, from their start to their end.",
                                       {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60}, labels)};
}

void ReactionDesk::work(WallMs now) {
  const std::vector<WaitingLine> found = outbox_.look(reactions_);
  for (std::size_t i = 0; i < lines_.size(); ++i) take_in(lines_[i], found[i], now);
  obey(now);
  for (std::size_t i = 0; i < lines_.size(); ++i) begin(i, now);
}

void ReactionDesk::take_in(Line& line, const WaitingLine& found, WallMs now) {
  line.waiting.set(static_cast<double>(found.count));
  const milliseconds age = now - found.oldest.value_or(now);
  line.oldest.set(std::chrono::duration<double>(age).count());
  const std::set<std::string> there(found.ids.begin(), found.ids.end());
  forget_gone(line, there);
  std::vector<std::string> fresh;
  for (const std::string& id : found.ids)
    if (!line.tasks.contains(id)) fresh.push_back(id);
  auto waiting = outbox_.read(*line.reaction, fresh);
  for (std::size_t i = 0; i < fresh.size(); ++i)
    if (waiting[i]) line.tasks[fresh[i]].waiting = std::move(*waiting[i]);
}

/// What is not in sight any more has its outcome, unless others that are older have come before it.
void ReactionDesk::forget_gone(Line& line, const std::set<std::string>& in_sight) {
  std::vector<std::string> missing;
  for (const auto& [id, task] : line.tasks)
    if (!in_sight.contains(id) && task.call == 0) missing.push_back(id);
  const auto waiting = outbox_.read(*line.reaction, missing);
  std::vector<std::string> gone;
  for (std::size_t i = 0; i < missing.size(); ++i)
    if (!waiting[i]) gone.push_back(missing[i]);
  for (const std::string& id : gone) line.tasks.erase(id);
  outbox_.forget(gone);
}

void ReactionDesk::obey(WallMs now) {
  for (const auto& [id, order] : outbox_.orders()) {
    bool is_over = true;
    for (Line& line : lines_)
      if (const auto found = line.tasks.find(id); found != line.tasks.end())
        is_over = obey(*line.reaction, id, found->second, order, now);
    if (is_over) outbox_.order_is_done(id);
  }
}

/// False while it is not the time for it.
bool ReactionDesk::obey(const Reaction& reaction, const std::string& id, Task& task, const std::string& order,
                        WallMs now) {
  if (task.call != 0) return false;
  ReactionState& state = task.waiting.state;
  if (order == "give-up" && !state.outcome) {
    ReactionValues values(task.waiting.with, id);
    state.outcome = failure_of(reaction.declared, values, "given up");
  } else if (order == "retry" && state.outcome && !state.outcome->is_good && !state.uploaded) {
    state.outcome.reset();
  }
  state.tries = 0;
  state.due = now;
  outbox_.save(id, state);
  return true;
}

void ReactionDesk::begin(std::size_t line, WallMs now) {
  for (auto& [id, task] : lines_[line].tasks) {
    if (lines_[line].under_way >= kMostUnderWay) return;
    if (task.call != 0 || task.waiting.state.due > now) continue;
    if (task.waiting.state.outcome)
      upload(line, id, task, now);
    else
      ask(line, id, task, now);
  }
}

void ReactionDesk::ask(std::size_t line, const std::string& id, Task& task, WallMs now) {
  const Reaction& reaction = *lines_[line].reaction;
  if (!reaction.missing.empty()) return wait_for_setup(id, task, reaction.missing, now);
  const ReactionValues values(task.waiting.with, id);
  auto request = request_for(reaction, values, now);
  if (const auto* why = std::get_if<std::string>(&request)) return fail(lines_[line], id, task, *why, now);
  start(line, id, task, std::get<OutgoingRequest>(std::move(request)), false, now);
}

/// It takes another start of the daemon.
void ReactionDesk::wait_for_setup(const std::string& id, Task& task, const std::string& missing, WallMs now) {
  ReactionState& state = task.waiting.state;
  state.due = now + kAppliedPause;
  if (std::exchange(state.error, missing) != missing) outbox_.save(id, state);
}

void ReactionDesk::upload(std::size_t line, const std::string& id, Task& task, WallMs now) {
  const auto token = outside_.tokens(id);
  if (!token) return wait(id, task, "no key signs tokens", now + kAppliedPause);
  const Outcome& outcome = *task.waiting.state.outcome;
  OutgoingRequest request{.method = "POST",
                          .url = settings_.gateway + as_path(outcome.kind),
                          .headers = {{"Authorization", "Bearer " + *token},
                                      {"Content-Type", "application/json"},
                                      {"Idempotency-Key", id}},
                          .body = std::make_shared<std::string>("[" + outcome.record + "]"),
                          .timeout = kUploadTimeout,
                          .to_any_address = true};
  start(line, id, task, std::move(request), true, now);
}

void ReactionDesk::start(std::size_t line, const std::string& id, Task& task, OutgoingRequest request,
                         bool is_upload, WallMs now) {
  task.call = ++last_token_;
  ++lines_[line].under_way;
  Call call{line, id, is_upload, now};
  if (outside_.spans != nullptr && !task.waiting.trace.empty()) {
    call.span = begin_call_span(task.waiting.trace, *lines_[line].reaction, request.method, is_upload);
    if (is_upload) request.headers.emplace("traceparent", traceparent_of(*call.span));
  }
  calls_under_way_.emplace(task.call, std::move(call));
  outside_.calls(task.call, request);
}

void ReactionDesk::end(const IncomingAnswer& answer, WallMs now) {
  auto node = calls_under_way_.extract(answer.token);
  if (node.empty()) return;  // of before drop()
  Call& call = node.mapped();
  if (call.span) {
    end_call_span(*call.span, answer);
    outside_.spans->take(*std::move(call.span));
  }
  Line& line = lines_[call.line];
  Task& task = line.tasks.at(call.id);
  --line.under_way;
  task.call = 0;
  if (call.is_upload) return end_of_upload(line, call.id, task, answer.status, now);
  line.seconds.observe(std::chrono::duration<double>(now - call.begun).count());
  end_of_asking(line, call.id, task, answer, now);
}

void ReactionDesk::end_of_asking(Line& line, const std::string& id, Task& task, const IncomingAnswer& answer,
                                 WallMs now) {
  const KindReaction& declared = line.reaction->declared;
  const Verdict verdict = verdict_on(answer, declared);
  note_provider(line, verdict);
  ++task.waiting.state.tries;
  if (verdict.kind == Verdict::Kind::kAnswered)
    return settle(id, task, outcome_of(declared, ReactionValues(task.waiting.with, id), answer), now);
  if (verdict.kind == Verdict::Kind::kNever || task.waiting.state.tries >= declared.tries)
    return fail(line, id, task, verdict.why, now);
  wait(id, task, verdict.why, now + pause_behind(task.waiting.state.tries, settings_.pause, outside_.draw()));
}

/// One line in the log when it begins, and one when it is over.
void ReactionDesk::note_provider(Line& line, const Verdict& verdict) {
  const bool fails = verdict.kind == Verdict::Kind::kAgain;
  if (std::exchange(line.fails, fails) == fails) return;
  const Reaction& reaction = *line.reaction;
  if (fails)
    log_error("a reaction's provider fails, and is asked again",
              {{"kind", reaction.kind}, {"reaction", reaction.name}, {"reason", verdict.why}});
  else
    log_info("a reaction's provider answers again", {{"kind", reaction.kind}, {"reaction", reaction.name}});
}

void ReactionDesk::fail(Line& line, const std::string& id, Task& task, const std::string& why, WallMs now) {
  const Reaction& reaction = *line.reaction;
  log_warn("a reaction has failed",
           {{"kind", reaction.kind}, {"reaction", reaction.name}, {"id", id}, {"reason", why}});
  ReactionValues values(task.waiting.with, id);
  task.waiting.state.error = why;
  settle(id, task, failure_of(reaction.declared, values, why), now);
}

/// Kept before it is uploaded: whoever goes on uploads the same.
void ReactionDesk::settle(const std::string& id, Task& task, Outcome outcome, WallMs now) {
  task.waiting.state.outcome = std::move(outcome);
  task.waiting.state.due = now;
  outbox_.save(id, task.waiting.state);
}

void ReactionDesk::wait(const std::string& id, Task& task, const std::string& why, WallMs due) {
  task.waiting.state.error = why;
  task.waiting.state.due = due;
  outbox_.save(id, task.waiting.state);
}

void ReactionDesk::end_of_upload(Line& line, const std::string& id, Task& task, int status, WallMs now) {
  ReactionState& state = task.waiting.state;
  ++task.uploads;
  if (is_taken(status)) {
    if (!std::exchange(state.uploaded, true)) (state.outcome->is_good ? line.done : line.failed).add();
    return wait(id, task, "", now + pause_behind(task.uploads, kAppliedPause, outside_.draw()));
  }
  const std::string said =
      status == 0 ? "the gateway does not answer" : "the gateway answers " + std::to_string(status);
  if (is_refused(status) && state.outcome->is_good && !state.uploaded)
    return fail(line, id, task, "the record that it becomes is refused: " + std::to_string(status), now);
  wait(id, task, said, now + pause_behind(task.uploads, kUploadPause, outside_.draw()));
}

void ReactionDesk::drop() {
  calls_under_way_.clear();
  for (Line& line : lines_) {
    line.tasks.clear();
    line.under_way = 0;
    line.waiting.set(0);
    line.oldest.set(0);
  }
}

}  // namespace comporta
