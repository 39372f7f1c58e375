#include "services/cache/lookups/api.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "common/http/problem_response.h"
#include "common/telemetry/log.h"
#include "services/cache/views/asking.h"

namespace comporta {
namespace {

constexpr std::string_view kLookups = "/api/v1/lookups/";
/// Who has not been answered yet; more are answered 503.
constexpr std::size_t kMostWaiting = 512;
/// Of all providers' connections these are kept.
constexpr std::size_t kConnections = 64;
/// The thread is woken by what it waits for.
constexpr std::chrono::seconds kIdle{10};

std::map<std::string, Lookup, std::less<>> set_up_all(const KindSet& kinds, const LookupSettings& settings,
                                                      std::string_view secret) {
  std::map<std::string, Lookup, std::less<>> all;
  for (const auto& [name, kind] : kinds.all())
    for (const auto& [lookup, declared] : kind.lookups) {
      std::string key = name;
      key.append("/").append(lookup);
      const auto made = all.emplace(std::move(key), set_up(name, lookup, declared, settings, secret));
      const std::string& missing = made.first->second.missing;
      if (missing.empty()) continue;
      // An installation that names no host does without it.
      const auto log = declared.host.empty() ? log_info : log_warn;
      log("a lookup is not set up", {{"kind", name}, {"lookup", lookup}, {"reason", missing}});
    }
  return all;
}

std::vector<const Lookup*> pointers_to(const std::map<std::string, Lookup, std::less<>>& lookups) {
  std::vector<const Lookup*> all;
  all.reserve(lookups.size());
  for (const auto& [name, lookup] : lookups) all.push_back(&lookup);
  return all;
}

LookupDesk::Moment now() {
  return {LookupDesk::Clock::now(), WallClock::now()};
}

HttpResponse nothing_known(std::chrono::milliseconds come_again, const HttpRequest& request) {
  HttpResponse response = refusal(
      unavailable("Who is asked for this does not answer just now, and nothing is known from before."),
      request);
  for (auto& [name, value] : response.headers)
    if (name == "Retry-After")
      value = std::to_string(std::chrono::ceil<std::chrono::seconds>(come_again).count());
  return response;
}

}  // namespace

/// Counted as long as it is there.
struct LookupsApi::Exchange {
  Exchange(HttpRequest asked, Responder answerer, std::atomic<std::size_t>& count)
      : request(std::move(asked)), responder(std::move(answerer)), waiting(count) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange() { --waiting; }

  void answer(LookupAnswer said) {
    if (said.outcome == LookupAnswer::Outcome::kNothing)
      responder.send(nothing_known(said.come_again, request));
    else
      responder.send(not_kept({.body = std::move(said.json)}));
  }

  HttpRequest request;
  Responder responder;
  std::atomic<std::size_t>& waiting;
};

LookupsApi::LookupsApi(const LookupSettings& settings, std::string_view secret, const KindSet& kinds,
                       Gatekeeper& keeper, KnownAnswers& known, Metrics& metrics)
    : kinds_(kinds),
      keeper_(keeper),
      lookups_(set_up_all(kinds, settings, secret)),
      client_({.max_connections = kConnections, .ca_file = settings.ca_file}),
      desk_(
          pointers_to(lookups_), settings.pause,
          [this](std::uint64_t token, const OutgoingRequest& request) { client_.start(token, request); },
          known, metrics),
      thread_([this] { run(); }) {
  pthread_setname_np(thread_.native_handle(), "lookups");
}

LookupsApi::~LookupsApi() {
  ends_ = true;
  inbox_.poke();
  thread_.join();
}

HttpHandler LookupsApi::before(HttpHandler others) {
  return [this, others = std::move(others)](HttpRequest request, Responder responder) {
    if (request.path.starts_with(kLookups)) return handle(std::move(request), std::move(responder));
    others(std::move(request), std::move(responder));
  };
}

void LookupsApi::handle(HttpRequest request, Responder responder) {
  auto read_request = read(request);
  if (const auto* problem = std::get_if<Problem>(&read_request))
    return responder.send(refusal(*problem, request));
  if (++waiting_ > kMostWaiting) {
    --waiting_;
    return responder.send(refusal(unavailable("Too many readers just now."), request));
  }
  auto& [lookup, url] = std::get<Asked>(read_request);
  const auto exchange = std::make_shared<Exchange>(std::move(request), std::move(responder), waiting_);
  std::string key = key_for(*lookup, url);
  inbox_.post({.lookup = lookup,
               .url = std::move(url),
               .key = std::move(key),
               .answer = [exchange](LookupAnswer said) { exchange->answer(std::move(said)); },
               .is_given_up = [exchange] { return exchange->responder.expired(); }});
}

std::variant<LookupsApi::Asked, Problem> LookupsApi::read(const HttpRequest& request) {
  if (!request.is_read()) return method_not_allowed("GET, HEAD");
  auto caller = keeper_.caller(request);
  if (auto* problem = std::get_if<Problem>(&caller)) return std::move(*problem);
  const auto found = lookups_.find(std::string_view(request.path).substr(kLookups.size()));
  if (found == lookups_.end())
    return not_found("There is no such lookup; /api/v1/kinds says which each kind has.");
  const Lookup& lookup = found->second;
  const Kind& kind = *kinds_.find(lookup.kind);
  const KindQuery& question = lookup.declared.question;
  const AccessRule rule = rule_for(question, kind.access.of_view(lookup.name), keeper_);
  auto arguments =
      arguments_for(kind, question, rule, request.query, std::get<std::optional<Caller>>(caller), keeper_);
  if (auto* problem = std::get_if<Problem>(&arguments)) return std::move(*problem);
  if (!lookup.missing.empty())
    return unavailable(
        "This lookup is not set up in this installation: the log of its cache says what is missing.");
  auto url = url_for(lookup, std::get<Arguments>(arguments).values);
  if (!url) return bad_parameter("A value must not be `.` or `..`.");
  return Asked{&lookup, std::move(*url)};
}

void LookupsApi::run() {
  while (!ends_) {
    for (const IncomingAnswer& answer : client_.poll(inbox_.fd(), kIdle)) desk_.end(answer, now());
    desk_.take(inbox_.take(), now());
  }
  desk_.take(inbox_.take(), now());
  desk_.close(now());
}

}  // namespace comporta
