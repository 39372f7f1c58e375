#pragma once
// What deploy/config/cache.yaml says, beside what every daemon has.

#include "common/access/gatekeeper.h"
#include "common/broker/connection.h"
#include "common/broker/consume_loop.h"
#include "common/http/server.h"
#include "services/cache/lookups/settings.h"
#include "services/cache/reactions/settings.h"
#include "services/cache/redis/store.h"
#include "services/cache/sessions/settings.h"

namespace comporta {

class Section;

struct CacheSettings {
  HttpSettings http;
  BrokerSettings broker;
  ConsumeSettings consume;
  RedisStoreSettings redis;
  AccessSettings access;
  SessionSettings sessions;
  LookupSettings lookups;
  ReactionSettings reactions;
};

/// Faults go to the section's Settings.
CacheSettings read_cache_settings(const Section& root, const KindSet& kinds);

}  // namespace comporta
