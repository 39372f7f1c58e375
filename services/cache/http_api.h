#pragma once
// The cache's public API: cached records, whether a batch has been applied, and what the kinds' views say.
//
//   GET /api/v1/records/{kind}/{key}
//   GET /api/v1/batches/{batch}
//   GET /api/v1/views/{kind}/{view}?…    the view's own parameters; `refused`: limit, cursor
//   GET /api/v1/recent/{kind}?limit=

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "common/base/problem.h"
#include "common/base/uuid.h"
#include "common/base/worker_pool.h"
#include "common/http/server.h"
#include "common/kinds/kind.h"
#include "services/cache/apply/view_store.h"

namespace comporta {

/// One thread at a time, since its store belongs to one.
class HttpApi {
 public:
  using Clock = std::function<WallClock::time_point()>;

  /// `kinds` and `store` must outlive it. `clock` says what time it is for the views.
  HttpApi(const KindSet& kinds, ViewStore& store, Clock clock = WallClock::now)
      : kinds_(kinds), store_(store), clock_(std::move(clock)) {}

  /// Blocks for one round trip to the store.
  HttpResponse answer(const HttpRequest& request);

 private:
  using Answer = std::variant<std::string, Problem>;  ///< JSON, or why not

  Answer route(const HttpRequest& request);
  Answer find_record(std::string_view kind_and_key);
  void limit_time(FoundRecord& found, std::chrono::milliseconds ttl) const;
  Answer find_batch(std::string_view id);
  Answer ask_view(std::string_view kind_and_view, std::string_view query);
  Answer ask(const Kind* kind, std::string_view view, std::string_view query);

  const KindSet& kinds_;
  ViewStore& store_;
  Clock clock_;
};

/// A handler that answers in `pool`, which must have one thread; with 503 when its queue is full.
HttpHandler answer_in(WorkerPool& pool, HttpApi& api);

}  // namespace comporta
