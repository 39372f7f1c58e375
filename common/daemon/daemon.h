#pragma once
// What every daemon does alike: its command line, its configuration, its private port, its end.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/config/command_line.h"
#include "common/config/settings.h"
#include "common/daemon/operations_api.h"
#include "common/daemon/request_metrics.h"
#include "common/http/server.h"
#include "common/kinds/kind.h"
#include "common/telemetry/log.h"
#include "common/telemetry/metrics.h"
#include "common/traces/exporter.h"
#include "common/traces/settings.h"

namespace comporta {

/// What every daemon's file has.
struct CommonSettings {
  LogSettings log;
  HttpSettings operations;  ///< the private port: /livez, /readyz, /metrics
  KindSet kinds;
  TraceSettings traces;
};

/// The running process, handed to the daemon's own wiring.
class Process {
 public:
  /// `name` is the daemon's, in its traces.
  Process(const CommonSettings& settings, const std::string& name, Metrics& metrics);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  Metrics& metrics() { return metrics_; }
  const KindSet& kinds() const { return settings_.kinds; }
  /// Null where traces are off; otherwise as long as the process.
  SpanSink* spans() const { return spans_.get(); }
  /// The same handler, whose answers are counted (request_metrics.h).
  HttpHandler counted(HttpHandler handler);
  /// Adds a condition of readiness, said by name in /readyz when it does not hold. Before
  /// run_until_stopped(). Any thread calls it, but none after run_until_stopped() has returned.
  void ready_when(std::string name, std::function<bool()> condition);
  /// Opens the private port (TransientError when it is taken), then waits for SIGTERM or SIGINT, calling
  /// `tick` four times a second. From then on /readyz says 503, and `server` closes each connection with its
  /// next answer, for its `leave_time` or until another such signal: who sends requests here goes elsewhere
  /// meanwhile, and none is refused. The daemon drains after it.
  void run_until_stopped(
      HttpServer& server, const std::function<void()>& tick = [] {});

 private:
  const CommonSettings& settings_;
  Metrics& metrics_;
  OperationsApi api_;
  RequestMetrics requests_;
  std::unique_ptr<SpanExporter> spans_;
  std::unique_ptr<HttpServer> server_;
};

struct Program {
  std::string name;            ///< `storage`
  std::string summary;         ///< one line for --help
  std::uint16_t private_port;  ///< default
  /// Reads the daemon's own keys; called once, with `--check` too. Returns what serves.
  std::function<std::function<void(Process&)>(const Section&, const CommonSettings&)> read;
};

/// main() of a daemon: --config FILE, --kinds DIR, --check, --health, --version, --help. Signals are
/// masked before any thread starts; SIGPIPE is ignored. `read` and what it returned may throw: TransientError
/// ends in kExitUnavailable, anything else in kExitSoftware, both with one line in the log. Returns the exit
/// code.
int run_program(int argc, char** argv, const Program& program);

}  // namespace comporta
