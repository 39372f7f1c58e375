#pragma once
// Reading what has been stored: docs/ARCHITECTURE.md, "HTTP".
//   GET, HEAD /api/v1/objects/{kind}?date=YYYY-MM-DD&cursor=&limit=   a page of one day's objects
//   GET, HEAD /api/v1/objects/{kind}?all_days=true&cursor=&limit=     a page of any day's objects
//   GET, HEAD /api/v1/objects/{name}[?upload=<upload id>]             an object, or one upload's lines in it

#include <optional>
#include <string>

#include "common/access/gatekeeper.h"
#include "common/base/worker_pool.h"
#include "common/http/server.h"
#include "common/kinds/kind.h"
#include "services/storage/object_store.h"

namespace comporta {

/// Of a kind that says who may read, lists and whole objects are for admins; an upload's lines for those whom
/// it lets read, and for who sent them. Passwords are in no answer but to the operator's tool, which makes
/// Redis anew from the objects.
///
/// Any thread.
class HttpApi {
 public:
  /// Requests are answered on the pool's threads, as reading blocks. All must outlive this.
  HttpApi(const KindSet& kinds, Gatekeeper& keeper, const ObjectReader& reader, WorkerPool& pool)
      : kinds_(kinds), keeper_(keeper), reader_(reader), pool_(pool) {}

  /// Does not block: 503 when the pool has no room.
  void handle(HttpRequest request, Responder responder);
  /// The answer to a request (to HEAD as to GET). Blocks as long as the reader does.
  HttpResponse answer(const HttpRequest& request) const;
  /// The same to somebody who is known already, whatever the request says.
  HttpResponse answer(const HttpRequest& request, const CallerOrProblem& caller) const;

 private:
  using Asker = std::optional<Caller>;
  /// What of a kind's objects somebody may see.
  struct Sight {
    Permission whole;    ///< lists of objects, and all of one
    Permission lines;    ///< those of an upload, whoever sent it
    bool is_everybodys;  ///< anyone may see the same
  };

  HttpResponse route(const HttpRequest& request, const CallerOrProblem& caller) const;
  Sight sight_of(const Kind* kind, const Asker& asker) const;
  HttpResponse answer_page(const HttpRequest& request, const std::string& kind) const;
  HttpResponse answer_object(const HttpRequest& request, const std::string& name, const Kind* kind,
                             const Asker& asker) const;

  const KindSet& kinds_;
  Gatekeeper& keeper_;
  const ObjectReader& reader_;
  WorkerPool& pool_;
};

}  // namespace comporta
