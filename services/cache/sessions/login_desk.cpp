#include "services/cache/sessions/login_desk.h"

#include <utility>

#include "common/telemetry/log.h"

namespace comporta {
namespace {

Counter counter(Metrics& metrics, const std::string& outcome) {
  return metrics.counter("comporta_logins_total", "Logins, by what became of them.", {{"outcome", outcome}});
}

void log_refused(const std::optional<Account>& account, std::string_view reason, std::string_view trace) {
  const std::string who = account ? name_in_logs(account->principal()) : "unknown";
  log_info("login refused", {{"account", who}, {"reason", reason}, {"trace_id", trace}});
}

}  // namespace

LoginDesk::LoginDesk(PeopleStore& store, Throttle& throttle, Sessions& sessions, const PasswordHasher& hasher,
                     Metrics& metrics)
    : store_(store),
      throttle_(throttle),
      sessions_(sessions),
      hasher_(hasher),
      ok_(counter(metrics, "ok")),
      refused_(counter(metrics, "refused")),
      throttled_(counter(metrics, "throttled")) {}

/// Asks the store as often for a name that nobody has.
std::optional<Account> LoginDesk::account_of(const Credentials& credentials) {
  const auto key = store_.account_key(credentials.kind, credentials.login);
  const auto text = store_.account_text(credentials.kind, key.value_or(""));
  if (!key || !text) return std::nullopt;
  return parse_account(credentials.kind, *key, *text);
}

std::variant<Attempt, std::chrono::milliseconds> LoginDesk::begin(const Credentials& credentials,
                                                                  std::string_view address,
                                                                  std::string_view trace) {
  Throttle::Try counted = throttle_.of(credentials.kind, credentials.login, address);
  const auto wait = throttle_.admit(counted);
  auto account = account_of(credentials);
  if (wait) {
    throttled_.add();
    log_refused(account, "throttled", trace);
    return *wait;
  }
  return Attempt{std::move(counted), credentials.password, std::move(account), std::string(trace)};
}

bool LoginDesk::is_right(const Attempt& attempt) const {
  if (attempt.account && !attempt.account->password.empty())
    return hasher_.matches(attempt.account->password, attempt.password);
  hasher_.match_nothing(attempt.password);
  return false;
}

std::optional<OpenSession> LoginDesk::finish(Attempt attempt, bool right) {
  if (!right) {
    refused_.add();
    log_refused(attempt.account, "wrong", attempt.trace);
    return std::nullopt;
  }
  throttle_.forgive(attempt.counted);
  const std::string who = name_in_logs(attempt.account->principal());
  OpenSession session = sessions_.open(std::move(*attempt.account));
  ok_.add();
  log_info("logged in", {{"account", who}, {"trace_id", attempt.trace}});
  return session;
}

}  // namespace comporta
