#pragma once
// The cache's public API: cached records, whether a batch has been applied, and what the kinds' views say.
//
//   GET /api/v1/records/{kind}/{key}
//   GET /api/v1/batches/{batch}
//   GET /api/v1/views/{kind}/{view}?…    the view's own parameters; `refused`, and `accounts` of a kind of
//                                        accounts: limit, cursor
//   POST /api/v1/views/{kind}/{view}     the same with the parameters as a JSON object
//   GET /api/v1/recent/{kind}?limit=

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "common/access/gatekeeper.h"
#include "common/base/problem.h"
#include "common/base/uuid.h"
#include "common/http/server.h"
#include "common/kinds/kind.h"
#include "services/cache/apply/view_store.h"

namespace comporta {

/// One thread at a time, since its store belongs to one.
class HttpApi {
 public:
  using Clock = std::function<WallClock::time_point()>;

  /// `kinds`, `keeper` and `store` must outlive it. `clock` says what time it is for the views.
  HttpApi(const KindSet& kinds, Gatekeeper& keeper, ViewStore& store, Clock clock = WallClock::now)
      : kinds_(kinds), keeper_(keeper), store_(store), clock_(std::move(clock)) {}

  /// Blocks for one round trip to the store.
  HttpResponse answer(const HttpRequest& request);
  /// The same to somebody who is known already, whatever the request says.
  HttpResponse answer(const HttpRequest& request, const CallerOrProblem& caller);

 private:
  struct Found {
    std::string json;
    bool is_shared = true;  ///< anyone is given the same
  };
  using Answer = std::variant<Found, Problem>;
  using Asker = std::optional<Caller>;

  Answer route(const HttpRequest& request, const CallerOrProblem& caller);
  Answer find_record(std::string_view kind_and_key, const Asker& asker);
  void limit_time(FoundRecord& found, std::chrono::milliseconds ttl) const;
  Answer find_batch(std::string_view id, const Asker& asker);
  Answer ask_view(std::string_view kind_and_view, std::string_view query, const Asker& asker);
  Answer ask(const Kind* kind, std::string_view view, std::string_view query, const Asker& asker);
  AccessRule rule_of(const Kind& kind, std::string_view view) const;

  const KindSet& kinds_;
  Gatekeeper& keeper_;
  ViewStore& store_;
  Clock clock_;
};

}  // namespace comporta
