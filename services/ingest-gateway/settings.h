#pragma once
// What deploy/config/ingest-gateway.yaml says.

#include <chrono>

#include "common/amqp.h"
#include "common/http_server.h"
#include "common/settings.h"
#include "services/ingest-gateway/ingest.h"
#include "services/ingest-gateway/publisher.h"

namespace comporta::gateway {

struct GatewaySettings {
  HttpSettings http;
  BrokerSettings broker;
  IngestSettings ingest;
  PublisherSettings publisher;
  std::chrono::milliseconds drain_limit;
};

/// Faults go to the section's owner. `kinds` may ask for a secret.
GatewaySettings read_gateway_settings(const Section& root, const KindSet& kinds);

}  // namespace comporta::gateway
