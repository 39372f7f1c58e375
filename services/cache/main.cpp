// cache: takes batches from the broker, keeps their records in Redis for a while, and serves them.

#include <algorithm>
#include <memory>
#include <thread>

#include "common/daemon/daemon.h"
#include "common/daemon/part_status.h"
#include "services/cache/apply/projector.h"
#include "services/cache/lookups/api.h"
#include "services/cache/reactions/reactor.h"
#include "services/cache/readers.h"
#include "services/cache/sessions/api.h"
#include "services/cache/sessions/redis_store.h"
#include "services/cache/settings.h"
#include "services/cache/uploads_api.h"

namespace comporta {
namespace {

constexpr std::chrono::seconds kHttpDrainLimit{5};
/// Before the server answers 503 in the place of who is kept waiting.
constexpr std::chrono::seconds kToAnswer{1};

UploadsSettings uploads_settings(const HttpSettings& http) {
  const auto longest = std::clamp<std::chrono::milliseconds>(
      http.answer_timeout - kToAnswer, std::chrono::seconds(0), UploadsSettings::kLongestWait);
  return {.longest_wait = longest};
}

void serve(const CacheSettings& settings, Process& process) {
  const ViewLibraries views = make_view_libraries(process.kinds(), settings.redis.prefix);
  const ViewBudgets budgets(process.kinds(), process.metrics());
  RedisStore written(settings.redis, views, WallClock::now, &budgets);
  Projector projector(process.kinds(), written, process.metrics(), {}, process.spans());
  ConsumeLoop loop(settings.broker, settings.consume, "cache", projector, process.metrics());
  Gatekeeper keeper(settings.access, process.metrics());
  Readers readers(process.kinds(), keeper, [&] {
    return std::make_unique<RedisStore>(settings.redis, views, WallClock::now, &budgets);
  });
  RedisPeopleStore people(settings.redis.server, settings.redis.prefix);
  RedisStore accounts(settings.redis, views);
  SessionsApi sessions(settings.sessions, process.kinds(), keeper, people, accounts, process.metrics());
  RedisStore watched(settings.redis);
  UploadsApi uploads(keeper, watched, uploads_settings(settings.http));
  RedisKnownAnswers known(settings.redis.server, settings.redis.prefix);
  LookupsApi lookups(settings.lookups, settings.sessions.secret, process.kinds(), keeper, known,
                     process.metrics());
  RedisOutbox outbox(settings.redis.server, settings.redis.prefix, settings.reactions.lease);
  const Reactor reactor(settings.reactions, settings.lookups, process.kinds(), keeper, outbox,
                        process.metrics(), process.spans());
  PartStatus status({.works = "All that is taken is computed and shown.",
                     .late = "What is taken is computed and shown later than usual."},
                    [&] {
                      const char* const trouble =
                          !loop.connected() ? "What is taken is kept, and shown when the broker is back."
                          : !projector.store_available()
                              ? "What is taken is kept, and shown when Redis is back."
                              : "";
                      return PartNow{trouble, loop.behind_since()};
                    });
  HttpHandler handler = status.before(
      sessions.before(uploads.before(lookups.before([&readers](HttpRequest request, Responder responder) {
        readers.answer(std::move(request), std::move(responder));
      }))));
  HttpServer server(settings.http, process.counted(std::move(handler)));
  const Gauge awaited = process.metrics().gauge(
      "comporta_upload_outcomes_awaited", "Questions after an upload that are held until it has an outcome.");

  process.ready_when("broker", [&loop] { return loop.connected(); });
  process.ready_when("redis", [&projector] { return projector.store_available(); });
  std::jthread consumer([&loop](const std::stop_token& stop) {
    const std::stop_callback end(stop, [&loop] { loop.stop(); });
    loop.run();
  });
  process.run_until_stopped(server, [&] {
    loop.watch();
    status.tick();
    awaited.set(static_cast<double>(uploads.waiting()));
  });
  consumer.request_stop();
  uploads.let_go();
  server.drain(kHttpDrainLimit);
}

std::function<void(Process&)> read(const Section& root, const CommonSettings& common) {
  return [settings = read_cache_settings(root, common.kinds)](Process& process) { serve(settings, process); };
}

}  // namespace
}  // namespace comporta

int main(int argc, char** argv) {
  return comporta::run_program(argc, argv,
                               {.name = "cache",
                                .summary = "keeps records in Redis and serves them",
                                .private_port = 9083,
                                .read = comporta::read});
}
