#pragma once
// What is looked up elsewhere:
//
//   GET /api/v1/lookups/{kind}/{lookup}?…     the lookup's own parameters
//
// A thread of its own asks the providers, so that nobody else waits for them.

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <variant>

#include "common/access/gatekeeper.h"
#include "common/base/inbox.h"
#include "common/http/server.h"
#include "common/http_client/client.h"
#include "common/kinds/kind.h"
#include "services/cache/lookups/desk.h"

namespace comporta {

class LookupsApi {
 public:
  /// All must outlive it; `known` is its own to use. `secret`: of set_up(). Says in the log what is missing.
  LookupsApi(const LookupSettings& settings, std::string_view secret, const KindSet& kinds,
             Gatekeeper& keeper, KnownAnswers& known, Metrics& metrics);
  /// Answers all who wait.
  ~LookupsApi();
  LookupsApi(const LookupsApi&) = delete;
  LookupsApi& operator=(const LookupsApi&) = delete;

  /// Answers what is asked here, and hands on all else. Any thread.
  HttpHandler before(HttpHandler others);
  /// Any thread. Does not block.
  void handle(HttpRequest request, Responder responder);

 private:
  struct Exchange;
  struct Asked {
    const Lookup* lookup;
    std::string url;
  };

  std::variant<Asked, Problem> read(const HttpRequest& request);
  void run();

  const KindSet& kinds_;
  Gatekeeper& keeper_;
  std::map<std::string, Lookup, std::less<>> lookups_;  ///< by `<kind>/<lookup>`
  std::atomic<std::size_t> waiting_ = 0;
  std::atomic<bool> ends_ = false;
  Inbox<LookupQuestion> inbox_;
  HttpClient client_;  ///< the thread's own, and so is the next
  LookupDesk desk_;
  std::thread thread_;
};

}  // namespace comporta
