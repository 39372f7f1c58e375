#pragma once
// Who answers what is read. The views of each family are asked on a thread of its own, for a kind whose views
// take long is to hold up nobody else's; records and batches on another one.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "common/access/gatekeeper.h"
#include "common/base/worker_pool.h"
#include "common/http/server.h"
#include "common/kinds/kind.h"
#include "services/cache/apply/view_store.h"
#include "services/cache/http_api.h"

namespace comporta {

class Readers {
 public:
  using MakeStore = std::function<std::unique_ptr<ViewStore>()>;

  /// `kinds` and `keeper` must outlive it. Each thread has a store of its own.
  Readers(const KindSet& kinds, Gatekeeper& keeper, const MakeStore& make_store);

  /// Any thread. Answers on one of the threads; with 503 when too many wait for it.
  void answer(HttpRequest request, Responder responder);

 private:
  struct Reader {
    Reader(const KindSet& kinds, Gatekeeper& keeper, std::unique_ptr<ViewStore> own_store,
           const std::string& name);

    std::unique_ptr<ViewStore> store;
    HttpApi api;
    WorkerPool pool;  ///< last: it works with the others
  };

  Reader& reader_of(std::string_view path);

  const KindSet& kinds_;
  std::map<std::string, Reader, std::less<>> readers_;  ///< by family; of records: ""
};

}  // namespace comporta
