#pragma once
// What deploy/config/ingest-gateway.yaml says.

#include <chrono>

#include "common/access/gatekeeper.h"
#include "common/broker/connection.h"
#include "common/config/settings.h"
#include "common/http/server.h"
#include "services/ingest-gateway/hooks.h"
#include "services/ingest-gateway/ingest.h"
#include "services/ingest-gateway/publisher.h"

namespace comporta::gateway {

struct GatewaySettings {
  HttpSettings http;
  BrokerSettings broker;
  IngestSettings ingest;
  PublisherSettings publisher;
  AccessSettings access;
  HookSettings hooks;
  std::chrono::milliseconds drain_limit;
};

/// Faults go to the section's owner. `kinds` may ask for a secret.
GatewaySettings read_gateway_settings(const Section& root, const KindSet& kinds);

}  // namespace comporta::gateway
