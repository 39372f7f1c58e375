#pragma once
// The cache's public API: cached records, and whether a batch has been applied.
//
//   GET /api/v1/records/{kind}/{key}
//   GET /api/v1/batches/{batch}

#include <string>
#include <string_view>
#include <variant>

#include "common/http_server.h"
#include "common/kind.h"
#include "common/problem.h"
#include "common/worker_pool.h"
#include "services/cache/view_store.h"

namespace comporta {

/// One thread at a time, since its store belongs to one.
class HttpApi {
 public:
  /// Both must outlive it.
  HttpApi(const KindSet& kinds, ViewStore& store) : kinds_(kinds), store_(store) {}

  /// Blocks for one round trip to the store.
  HttpResponse answer(const HttpRequest& request);

 private:
  using Answer = std::variant<std::string, Problem>;  ///< JSON, or why not

  Answer route(const HttpRequest& request);
  Answer find_record(std::string_view kind_and_key);
  Answer find_batch(std::string_view id);

  const KindSet& kinds_;
  ViewStore& store_;
};

/// A handler that answers in `pool`, which must have one thread; with 503 when its queue is full.
HttpHandler answer_in(WorkerPool& pool, HttpApi& api);

}  // namespace comporta
