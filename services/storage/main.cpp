// storage: one object for each message of comporta.storage, and reading them over HTTP.

#include <memory>
#include <stop_token>
#include <thread>

#include "common/base/worker_pool.h"
#include "common/broker/consume_loop.h"
#include "common/daemon/daemon.h"
#include "common/daemon/part_status.h"
#include "common/http/server.h"
#include "services/storage/archive.h"
#include "services/storage/filesystem_store.h"
#include "services/storage/http_api.h"
#include "services/storage/s3_store.h"
#include "services/storage/settings.h"

namespace comporta {
namespace {

ObjectStore open_store(const StoreSettings& settings, std::size_t puts_in_flight) {
  if (settings.driver == StoreDriver::kFilesystem) {
    return {std::make_unique<FilesystemWriter>(settings.filesystem_root),
            std::make_unique<FilesystemReader>(settings.filesystem_root)};
  }
  return {std::make_unique<S3Writer>(settings.s3, puts_in_flight), std::make_unique<S3Reader>(settings.s3)};
}

void serve(const StorageSettings& settings, Process& process) {
  const ObjectStore store = open_store(settings.store, settings.archive.puts_in_flight);
  Archive archive(*store.writer, settings.archive, process.metrics(), process.spans());
  ConsumeLoop loop(settings.broker, settings.consume, "storage", archive, process.metrics());
  process.ready_when("broker", [&] { return loop.connected(); });
  process.ready_when("store", [&] { return archive.store_reachable(); });

  WorkerPool readers("read", settings.reading.threads, settings.reading.queue);
  Gatekeeper keeper(settings.access, process.metrics());
  HttpApi api(process.kinds(), keeper, *store.reader, readers);
  PartStatus status(
      {.works = "All that is taken is stored.", .late = "What is taken is stored later than usual."}, [&] {
        const char* const trouble =
            !loop.connected()            ? "What is taken is kept, and stored when the broker is back."
            : !archive.store_reachable() ? "What is taken is kept, and stored when the object store is back."
                                         : "";
        return PartNow{trouble, loop.behind_since()};
      });
  HttpServer server(settings.http,
                    process.counted(status.before([&](HttpRequest request, Responder responder) {
                      api.handle(std::move(request), std::move(responder));
                    })));
  std::jthread consumer([&](const std::stop_token& stop) {
    const std::stop_callback on_stop(stop, [&] { loop.stop(); });
    loop.run();
  });

  process.run_until_stopped(server, [&] {
    loop.watch();
    status.tick();
  });
  consumer.request_stop();
  consumer.join();
  server.drain(settings.http.answer_timeout);
}

}  // namespace
}  // namespace comporta

int main(int argc, char** argv) {
  using namespace comporta;
  return run_program(
      argc, argv,
      {.name = "storage",
       .summary = "Writes every batch of records to the object store, and serves what is stored.",
       .private_port = 9082,
       .read = [](const Section& root, const CommonSettings&) {
         return [settings = read_storage_settings(root)](Process& process) { serve(settings, process); };
       }});
}
