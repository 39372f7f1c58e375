#pragma once
// Works off what waits to be asked of others, on a thread of its own, while it holds the lease for that.

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/access/gatekeeper.h"
#include "common/base/inbox.h"
#include "common/http_client/client.h"
#include "common/kinds/kind.h"
#include "services/cache/reactions/desk.h"
#include "services/cache/reactions/settings.h"

namespace comporta {

/// Those of all kinds. Says in the log what is missing for one.
std::vector<Reaction> set_up_reactions(const KindSet& kinds, const LookupSettings& providers);

class Reactor {
 public:
  /// All must outlive it; `outbox` is its own to use. `keeper` has the keys with which outcomes are sent.
  /// `spans` is null where traces are off.
  Reactor(const ReactionSettings& settings, const LookupSettings& providers, const KindSet& kinds,
          Gatekeeper& keeper, Outbox& outbox, Metrics& metrics, SpanSink* spans = nullptr);
  /// Waits for calls under way, but not for long, and lets another one go on.
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

 private:
  void run();
  bool try_work();
  void drain();

  const std::vector<Reaction> reactions_;
  Gatekeeper& keeper_;
  Outbox& outbox_;
  std::atomic<bool> ends_ = false;
  Inbox<int> inbox_;
  HttpClient client_;  ///< the thread's own, and so is the next
  ReactionDesk desk_;
  Gauge active_;
  bool holds_ = false;
  std::thread thread_;
};

}  // namespace comporta
