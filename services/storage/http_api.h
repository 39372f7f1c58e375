#pragma once
// Reading what has been stored: docs/ARCHITECTURE.md, "HTTP".
//   GET, HEAD /api/v1/objects/{kind}?date=YYYY-MM-DD&cursor=&limit=   a page of one day's objects
//   GET, HEAD /api/v1/objects/{kind}?all_days=true&cursor=&limit=     a page of any day's objects
//   GET, HEAD /api/v1/objects/{name}[?upload=<upload id>]             an object, or one upload's lines in it

#include <string>
#include <string_view>

#include "common/base/worker_pool.h"
#include "common/http/server.h"
#include "services/storage/object_store.h"

namespace comporta {

/// Any thread.
class HttpApi {
 public:
  /// Requests are answered on the pool's threads, as reading blocks. Both must outlive this.
  HttpApi(const ObjectReader& reader, WorkerPool& pool) : reader_(reader), pool_(pool) {}

  /// Does not block: 503 when the pool has no room.
  void handle(HttpRequest request, Responder responder);
  /// The answer to a request (to HEAD as to GET). Blocks as long as the reader does.
  HttpResponse answer(const HttpRequest& request) const;

 private:
  HttpResponse route(const HttpRequest& request) const;
  HttpResponse answer_page(const HttpRequest& request, const std::string& kind) const;
  HttpResponse answer_object(const HttpRequest& request, const std::string& name) const;

  const ObjectReader& reader_;
  WorkerPool& pool_;
};

}  // namespace comporta
