// ingest-gateway: takes uploads in, checks them, publishes them, and says yes when the broker has them.

#include "common/base/spare_memory.h"
#include "common/daemon/daemon.h"
#include "common/daemon/part_status.h"
#include "common/telemetry/log.h"
#include "services/ingest-gateway/hooks.h"
#include "services/ingest-gateway/http_api.h"
#include "services/ingest-gateway/idempotency.h"
#include "services/ingest-gateway/ingest.h"
#include "services/ingest-gateway/publisher.h"
#include "services/ingest-gateway/settings.h"

namespace {

using namespace comporta;
using namespace comporta::gateway;

constexpr std::uint16_t kPrivatePort = 9081;

void serve(const GatewaySettings& settings, Process& process) {
  IdempotencyMemory memory(settings.ingest.remembered_keys);
  const auto remember = [&memory](const Upload& upload, const std::string& receipt) {
    memory.confirmed(upload.header.upload, upload.header.digest, receipt);
  };
  for (const auto& [name, kind] : process.kinds().all()) accepted_records(process.metrics(), name);
  Publisher publisher(settings.broker, settings.publisher, remember, process.metrics());
  Gatekeeper keeper(settings.access, process.metrics());
  Ingest ingest(settings.ingest, process.kinds(), publisher, memory, process.metrics(), process.spans());
  const Hooks hooks(process.kinds(), settings.hooks, process.metrics());
  const HttpApi api(process.kinds(), keeper, hooks, ingest, settings.ingest.passwords.rules);
  PartStatus status({.works = "Uploads are taken.", .late = {}}, [&publisher] {
    return PartNow{publisher.trouble(), {}};
  });
  HttpServer http(settings.http,
                  process.counted(status.before([&api](HttpRequest request, Responder responder) {
                    api.handle(std::move(request), std::move(responder));
                  })));
  const Gauge pending = process.metrics().gauge(
      "comporta_uploads_pending", "Uploads in hand, from their arrival to the broker's confirm.");
  process.ready_when("broker", [&publisher] { return publisher.connected(); });
  log_info("serving", {{"port", http.port()}});
  SpareMemory spare;
  process.run_until_stopped(http, [&] {
    publisher.watch();
    status.tick();
    pending.set(static_cast<double>(publisher.pending()));
    if (spare.is_due(http.pending() > 0)) SpareMemory::give_back();
  });
  if (!http.drain(settings.drain_limit))
    log_warn("not every request was answered in time", {{"left", http.pending()}});
}

}  // namespace

int main(int argc, char** argv) {
  return run_program(argc, argv,
                     {.name = "ingest-gateway",
                      .summary = "Checks uploads and publishes them; answers 202 once the broker has them.",
                      .private_port = kPrivatePort,
                      .read = [](const Section& root, const CommonSettings& common) {
                        return [settings = read_gateway_settings(root, common.kinds)](Process& process) {
                          serve(settings, process);
                        };
                      }});
}
