#include "services/cache/lookups/desk.h"

#include <algorithm>
#include <utility>

#include "common/base/text.h"
#include "common/telemetry/log.h"

namespace comporta {
namespace {

using Outcome = LookupAnswer::Outcome;
using Result = std::variant<std::string, NoAnswer>;

constexpr std::chrono::seconds kComeAgain{1};

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kKnown:
      return "known";
    case Outcome::kFetched:
      return "fetched";
    case Outcome::kStale:
      return "stale";
    case Outcome::kNothing:
      return "nothing";
  }
  return {};
}

std::map<Outcome, Counter> counters(const Lookup& lookup, Metrics& metrics) {
  std::map<Outcome, Counter> all;
  for (const Outcome outcome : {Outcome::kKnown, Outcome::kFetched, Outcome::kStale, Outcome::kNothing})
    all.emplace(outcome, metrics.counter("comporta_lookups_total", "Lookups answered, by what was answered.",
                                         {{"kind", lookup.kind},
                                          {"lookup", lookup.name},
                                          {"outcome", std::string(name_of(outcome))}}));
  return all;
}

Histogram call_seconds(const Lookup& lookup, Metrics& metrics) {
  return metrics.histogram(
      "comporta_lookup_call_seconds", "Calls of providers, from their start to their end.",
      {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4}, {{"kind", lookup.kind}, {"lookup", lookup.name}});
}

std::chrono::milliseconds age_of(const KnownAnswer& known, LookupDesk::Moment now) {
  return std::chrono::floor<std::chrono::milliseconds>(now.wall - known.fetched);
}

LookupAnswer answer_of(Outcome outcome, const KnownAnswer& known) {
  std::string json = known.result.substr(0, known.result.size() - 1);
  json +=
      ",\"fetched_at\":" + json_string(rfc3339(std::chrono::floor<std::chrono::milliseconds>(known.fetched)));
  json += std::string(",\"stale\":") + (outcome == Outcome::kStale ? "true" : "false") + "}";
  return {.outcome = outcome, .json = std::move(json)};
}

}  // namespace

LookupDesk::LookupDesk(const std::vector<const Lookup*>& lookups, std::chrono::milliseconds pause,
                       Calls calls, KnownAnswers& known, Metrics& metrics)
    : calls_(std::move(calls)), known_(known) {
  for (const Lookup* lookup : lookups)
    lines_.emplace(lookup, Line{.circuit = Circuit(pause),
                                .outcomes = counters(*lookup, metrics),
                                .seconds = call_seconds(*lookup, metrics)});
}

void LookupDesk::take(std::vector<LookupQuestion> questions, Moment now) {
  std::vector<std::string> keys;
  keys.reserve(questions.size());
  for (const LookupQuestion& question : questions) keys.push_back(question.key);
  std::vector<std::optional<KnownAnswer>> answers = known_.read(keys);
  auto next = answers.begin();
  for (LookupQuestion& question : questions) {
    std::optional<KnownAnswer>& said = *next++;
    if (said && age_of(*said, now) < question.lookup->declared.ttl)
      say(question, answer_of(Outcome::kKnown, *said));
    else
      join(std::move(question), std::move(said), now);
  }
}

void LookupDesk::join(LookupQuestion question, std::optional<KnownAnswer> known, Moment now) {
  const Lookup& lookup = *question.lookup;
  Line& line = line_of(lookup);
  if (const auto found = flights_.find(question.key); found != flights_.end())
    return found->second.waiting.push_back(std::move(question));
  const bool is_full = line.under_way >= kMostUnderWay;
  const bool may_queue = is_full && !line.circuit.is_open() && line.queue.size() < kMostQueued;
  if (!may_queue && (is_full || !line.circuit.try_begin(now.steady)))
    return say(question, without_provider(lookup, known, now));
  const std::string key = question.key;
  Flight& flight = flights_.emplace(key, Flight{&lookup, question.url, std::move(known)}).first->second;
  flight.waiting.push_back(std::move(question));
  if (may_queue) return line.queue.push_back(key);
  launch(key, now);
}

void LookupDesk::launch(const std::string& key, Moment now) {
  Flight& flight = flights_.at(key);
  flight.begun = now.steady;
  ++line_of(*flight.lookup).under_way;
  keys_in_call_.emplace(++last_token_, key);
  calls_(last_token_, request_for(*flight.lookup, flight.url));
}

void LookupDesk::end(const IncomingAnswer& answer, Moment now) {
  const std::string key = keys_in_call_.extract(answer.token).mapped();
  const Flight& flight = flights_.at(key);
  Line& line = line_of(*flight.lookup);
  --line.under_way;
  line.seconds.observe(std::chrono::duration<double>(now.steady - flight.begun).count());
  const Result result = result_in(answer, flight.lookup->declared);
  note_end(*flight.lookup, result, now);
  land(key, result, now);
  go_on(line, now);
}

void LookupDesk::note_end(const Lookup& lookup, const Result& result, Moment now) {
  Circuit& circuit = line_of(lookup).circuit;
  const auto* none = std::get_if<NoAnswer>(&result);
  const auto since = circuit.since();
  if (none == nullptr && circuit.succeed()) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now.steady - since).count();
    log_info("a lookup's provider answers again",
             {{"kind", lookup.kind}, {"lookup", lookup.name}, {"seconds", seconds}});
  }
  if (none != nullptr && circuit.fail(now.steady))
    log_error("a lookup's provider fails, and is left alone for a while",
              {{"kind", lookup.kind}, {"lookup", lookup.name}, {"reason", none->why}});
}

void LookupDesk::land(const std::string& key, const Result& result, Moment now) {
  const auto* json = std::get_if<std::string>(&result);
  if (json == nullptr) return answer_without(key, now);
  Flight flight = std::move(flights_.extract(key).mapped());
  const KnownAnswer fetched{now.wall, *json};
  const KindLookup& declared = flight.lookup->declared;
  known_.keep(key, fetched, declared.ttl + declared.stale);
  for (LookupQuestion& question : flight.waiting) say(question, answer_of(Outcome::kFetched, fetched));
}

/// Those that wait take the place of the one that has ended.
void LookupDesk::go_on(Line& line, Moment now) {
  while (line.under_way < kMostUnderWay && !line.queue.empty()) {
    const std::string key = std::move(line.queue.front());
    line.queue.pop_front();
    const auto& waiting = flights_.at(key).waiting;
    const bool is_awaited = !std::ranges::all_of(waiting, [](const auto& one) { return one.is_given_up(); });
    if (is_awaited && line.circuit.try_begin(now.steady))
      launch(key, now);
    else
      answer_without(key, now);
  }
}

void LookupDesk::answer_without(const std::string& key, Moment now) {
  Flight flight = std::move(flights_.extract(key).mapped());
  const LookupAnswer answer = without_provider(*flight.lookup, flight.known, now);
  for (LookupQuestion& question : flight.waiting) say(question, answer);
}

/// What is known is better than nothing.
LookupAnswer LookupDesk::without_provider(const Lookup& lookup, const std::optional<KnownAnswer>& known,
                                          Moment now) const {
  const KindLookup& declared = lookup.declared;
  if (known && age_of(*known, now) < declared.ttl + declared.stale) return answer_of(Outcome::kStale, *known);
  const auto left = lines_.at(&lookup).circuit.left(now.steady);
  return {.come_again = std::max<std::chrono::milliseconds>(left, kComeAgain)};
}

void LookupDesk::say(LookupQuestion& question, LookupAnswer answer) {
  line_of(*question.lookup).outcomes.at(answer.outcome).add();
  question.answer(std::move(answer));
}

void LookupDesk::close(Moment now) {
  while (!flights_.empty()) answer_without(std::string(flights_.begin()->first), now);
}

}  // namespace comporta
