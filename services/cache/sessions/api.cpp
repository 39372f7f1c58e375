#include "services/cache/sessions/api.h"

#include <future>
#include <type_traits>
#include <utility>

#include "common/base/error.h"
#include "common/base/random.h"
#include "common/base/text.h"
#include "common/http/cross_site.h"
#include "common/http/problem_response.h"
#include "common/telemetry/trace.h"
#include "services/cache/sessions/answers.h"

namespace comporta {
namespace {

constexpr std::string_view kSessions = "/api/v1/sessions";
constexpr std::string_view kRefresh = "/api/v1/sessions/refresh";
constexpr std::string_view kMe = "/api/v1/me";
constexpr std::string_view kKeys = "/.well-known/jwks.json";
constexpr std::size_t kWaiting = 256;

/// Where there are no kinds of accounts no password is ever looked at.
std::string secret_or_any(const std::string& secret) {
  if (!secret.empty()) return secret;
  std::string any(32, '\0');
  random_bytes({reinterpret_cast<std::uint8_t*>(any.data()), any.size()});
  return any;
}

Problem no_accounts() {
  return {.status = 422,
          .type = "urn:comporta:problem:unusable-login",
          .title = "This cannot be a login",
          .detail = "`kind` must be a kind of accounts"};
}

}  // namespace

struct SessionsApi::Exchange {
  HttpRequest request;
  Responder responder;

  void send(HttpResponse response) { responder.send(std::move(response)); }
  void send(const Problem& problem) { send(refusal(problem, request)); }
  /// What a store does not answer is not answered here.
  template <typename Function>
  void answer_with(Function work) {
    if (responder.expired()) return;
    try {
      work();
    } catch (const TransientError&) {
      send(unavailable("Nobody can be looked up just now."));
    }
  }
};

SessionsApi::SessionsApi(const SessionSettings& settings, const KindSet& kinds, Gatekeeper& gatekeeper,
                         PeopleStore& store, ViewStore& records, Metrics& metrics, Clock clock)
    : kinds_(kinds),
      gatekeeper_(gatekeeper),
      records_(records),
      clock_(clock),
      hasher_(secret_or_any(settings.secret)),
      throttle_(store, secret_or_any(settings.secret), clock),
      sessions_(store, settings.times, secret_or_any(settings.secret), clock),
      desk_(store, throttle_, sessions_, hasher_, metrics),
      issuer_(gatekeeper.keys(), gatekeeper.rules(), settings.token_lifetime),
      people_("people", 1, kWaiting),
      hashers_("hash", settings.hash_threads, settings.hash_queue) {}

bool SessionsApi::owns(std::string_view path) {
  return path == kSessions || path == kRefresh || path == kMe || path == kKeys;
}

HttpHandler SessionsApi::before(HttpHandler others) {
  return [this, others = std::move(others)](HttpRequest request, Responder responder) {
    if (owns(request.path)) return handle(std::move(request), std::move(responder));
    others(std::move(request), std::move(responder));
  };
}

void SessionsApi::handle(HttpRequest request, Responder responder) {
  const auto exchange = std::make_shared<Exchange>(std::move(request), std::move(responder));
  const HttpRequest& asked = exchange->request;
  if (asked.path == kMe || asked.path == kKeys) {
    if (!asked.is_read()) return exchange->send(method_not_allowed("GET, HEAD"));
    return answer_in_turn(exchange, asked.path == kMe ? &SessionsApi::me : &SessionsApi::public_keys);
  }
  const bool refreshes = asked.path == kRefresh;
  const bool known = asked.method == "POST" || (asked.method == "DELETE" && !refreshes);
  if (!known) return exchange->send(method_not_allowed(refreshes ? "POST" : "POST, DELETE"));
  if (const auto problem = unless_from_here(asked)) return exchange->send(*problem);
  if (refreshes) return answer_in_turn(exchange, &SessionsApi::refresh);
  if (asked.method == "DELETE") return answer_in_turn(exchange, &SessionsApi::log_out);
  log_in(exchange);
}

void SessionsApi::answer_in_turn(const std::shared_ptr<Exchange>& exchange, Work work) {
  const auto job = [this, exchange, work] {
    exchange->answer_with([&] { exchange->send((this->*work)(exchange->request)); });
  };
  if (!people_.submit(job)) exchange->send(unavailable("Too many people ask just now."));
}

void SessionsApi::log_in(const std::shared_ptr<Exchange>& exchange) {
  auto credentials = read_credentials(exchange->request);
  if (const auto* problem = std::get_if<Problem>(&credentials)) return exchange->send(*problem);
  const Kind* const kind = kinds_.find(std::get<Credentials>(credentials).kind);
  if (kind == nullptr || !kind->account.is_one()) return exchange->send(no_accounts());
  const auto job = [this, exchange, credentials = std::get<Credentials>(std::move(credentials))] {
    exchange->answer_with([&] { exchange->send(try_login(exchange->request, credentials)); });
  };
  if (!hashers_.submit(job)) exchange->send(unavailable("Too many people log in just now."));
}

/// What the stores' thread answers.
template <typename Question>
auto SessionsApi::in_turn(Question question) {
  const auto task =
      std::make_shared<std::packaged_task<std::invoke_result_t<Question>()>>(std::move(question));
  auto answer = task->get_future();
  if (!people_.submit([task] { (*task)(); })) throw TransientError("too many people ask");
  return answer.get();
}

/// On a hasher's thread: a try is counted when it is looked at, not while it waits.
HttpResponse SessionsApi::try_login(const HttpRequest& request, const Credentials& credentials) {
  auto begun = in_turn([&] {
    return desk_.begin(credentials, request.header("x-forwarded-for"),
                       trace_id(request.header("traceparent")));
  });
  if (const auto* wait = std::get_if<std::chrono::milliseconds>(&begun)) return wait_first(*wait, request);
  auto& attempt = std::get<Attempt>(begun);
  const bool right = desk_.is_right(attempt);
  return in_turn([&] {
    const auto session = desk_.finish(std::move(attempt), right);
    if (!session) return refusal(login_refused(), request);
    return logged_in(*session, issuer_.issue(*session, clock_()), request);
  });
}

HttpResponse SessionsApi::refresh(const HttpRequest& request) {
  if (!request.query.empty()) return refusal(bad_parameter("there are no parameters here"), request);
  auto fields = read_fields(request);
  if (const auto* problem = std::get_if<Problem>(&fields)) return refusal(*problem, request);
  const auto sent = std::get<Fields>(fields).find("refresh_token");
  const bool by_cookie = sent == std::get<Fields>(fields).end();
  const auto session = sessions_.refresh(by_cookie ? refresh_cookie(request) : sent->second);
  if (session) return logged_in(*session, issuer_.issue(*session, clock_()), request);
  HttpResponse over = refusal(session_over(), request);
  return by_cookie ? without_cookie(std::move(over), request) : over;
}

/// By their token or, without one, by their cookie.
CallerOrProblem SessionsApi::leaving(const HttpRequest& request) {
  auto caller = gatekeeper_.caller(request);
  if (std::holds_alternative<Problem>(caller) || std::get<std::optional<Caller>>(caller)) return caller;
  const std::string_view cookie = refresh_cookie(request);
  if (cookie.empty()) return log_in_first();
  caller = sessions_.caller_of(cookie);
  if (!std::get<std::optional<Caller>>(caller)) return session_over();
  return caller;
}

HttpResponse SessionsApi::log_out(const HttpRequest& request) {
  auto parameters = parse_query(request.query);
  if (!parameters) return refusal(bad_query(), request);
  const bool all = parameters->contains("all") && (*parameters)["all"] == "true";
  if (parameters->size() > 1 || (parameters->size() == 1 && !all))
    return refusal(bad_parameter("the one parameter here is all=true"), request);
  const auto left = leaving(request);
  if (const auto* problem = std::get_if<Problem>(&left))
    return without_cookie(refusal(*problem, request), request);
  const auto& caller = std::get<std::optional<Caller>>(left);
  sessions_.end(caller->session);
  if (all) sessions_.end_all(caller->principal());
  return logged_out(request);
}

HttpResponse SessionsApi::me(const HttpRequest& request) {
  const auto asked = gatekeeper_.caller(request);
  if (const auto* problem = std::get_if<Problem>(&asked)) return refusal(*problem, request);
  const auto& caller = std::get<std::optional<Caller>>(asked);
  if (!caller) return refusal(log_in_first(), request);
  const auto account = sessions_.account_of(*caller);
  if (!account) return refusal(session_over(), request);
  return who_it_is(*account, record_of(*account));
}

/// What the cache has of it, which may be nothing any more.
std::string SessionsApi::record_of(const Account& account) {
  const auto found = records_.find_record(account.kind, account.key);
  return found ? found->value : "null";
}

HttpResponse SessionsApi::public_keys(const HttpRequest&) {
  return {.content_type = "application/jwk-set+json",
          .body = public_key_set(*gatekeeper_.keys().look_again()),
          .headers = {{"Cache-Control", "public, max-age=300"}}};
}

}  // namespace comporta
