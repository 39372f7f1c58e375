#pragma once
// What deploy/config/cache.yaml says, beside what every daemon has.

#include "common/amqp.h"
#include "common/consume_loop.h"
#include "common/http_server.h"
#include "services/cache/redis_store.h"

namespace comporta {

class Section;

struct CacheSettings {
  HttpSettings http;
  BrokerSettings broker;
  ConsumeSettings consume;
  RedisStoreSettings redis;
};

/// Faults go to the section's Settings.
CacheSettings read_cache_settings(const Section& root);

}  // namespace comporta
