#pragma once
// The routes of those who log in:
//
//   POST /api/v1/sessions[?kind=]         logs in
//   POST /api/v1/sessions/refresh         a new pair of tokens
//   DELETE /api/v1/sessions[?all=true]    logs out
//   GET /api/v1/me                        who it is
//   GET /.well-known/jwks.json            what tokens are verified with (RFC 7517)

#include <memory>

#include "common/access/gatekeeper.h"
#include "common/base/worker_pool.h"
#include "common/http/server.h"
#include "common/kinds/kind.h"
#include "services/cache/apply/view_store.h"
#include "services/cache/sessions/login_desk.h"
#include "services/cache/sessions/settings.h"
#include "services/cache/sessions/token_issuer.h"

namespace comporta {

/// Has a thread of its own for its stores, and some for hashing passwords, so that logins hold up nobody
/// else. Logins wait for the latter: one more than there is room for is refused, 503, and whoever else asks
/// is answered.
class SessionsApi {
 public:
  using Clock = WallClock::time_point (*)();

  /// All must outlive it; both stores are its own to use. With metrics of the gatekeeper's.
  SessionsApi(const SessionSettings& settings, const KindSet& kinds, Gatekeeper& gatekeeper,
              PeopleStore& store, ViewStore& records, Metrics& metrics, Clock clock = WallClock::now);

  /// Whether it is to answer for that path.
  static bool owns(std::string_view path);
  /// Any HTTP thread; does not block.
  void handle(HttpRequest request, Responder responder);
  /// A handler that leaves the other paths to `others`.
  HttpHandler before(HttpHandler others);

 private:
  struct Exchange;
  using Work = HttpResponse (SessionsApi::*)(const HttpRequest& request);

  void log_in(const std::shared_ptr<Exchange>& exchange);
  HttpResponse try_login(const HttpRequest& request, const Credentials& credentials);
  void answer_in_turn(const std::shared_ptr<Exchange>& exchange, Work work);
  template <typename Question>
  auto in_turn(Question question);

  HttpResponse refresh(const HttpRequest& request);
  HttpResponse log_out(const HttpRequest& request);
  HttpResponse me(const HttpRequest& request);
  HttpResponse public_keys(const HttpRequest& request);
  CallerOrProblem leaving(const HttpRequest& request);
  std::string record_of(const Account& account);

  const KindSet& kinds_;
  Gatekeeper& gatekeeper_;
  ViewStore& records_;
  const Clock clock_;
  const PasswordHasher hasher_;
  Throttle throttle_;
  Sessions sessions_;
  LoginDesk desk_;
  TokenIssuer issuer_;
  WorkerPool people_;  ///< the stores' thread; before the hashers, who ask it
  WorkerPool hashers_;
};

}  // namespace comporta
