#include "common/daemon/daemon.h"

#include <csignal>
#include <cstdio>

#include "common/base/error.h"
#include "common/base/spare_memory.h"
#include "common/base/uuid.h"
#include "common/base/version.h"
#include "common/config/command_line.h"
#include "common/config/log_settings.h"
#include "common/telemetry/health_probe.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;

constexpr timespec kTick{.tv_sec = 0, .tv_nsec = 250'000'000};
constexpr auto kHealthLimit = 2s;

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// Threads inherit the mask: a stop is taken by run_until_stopped() and nowhere else.
void prepare_signals() {
  const sigset_t signals = stop_signals();
  check(pthread_sigmask(SIG_BLOCK, &signals, nullptr) == 0, "signals can be masked");
  std::signal(SIGPIPE, SIG_IGN);
}

// Calls `tick` until there is a signal to stop, and returns it; 0 once the time has come.
int wait_for_signal(std::chrono::steady_clock::time_point until, const std::function<void()>& tick) {
  const sigset_t signals = stop_signals();
  while (std::chrono::steady_clock::now() < until) {
    const int signal = sigtimedwait(&signals, nullptr, &kTick);
    if (signal > 0) return signal;
    tick();
  }
  return 0;
}

void print_lines(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) std::fprintf(stderr, "%s\n", line.c_str());
}

// Everything that is read at start-up. Neither copied nor moved: what `serve` was given refers to it.
struct Configuration {
  Configuration(const CommandLine& line, const Program& program) {
    std::map<std::string, std::string> overrides;
    if (line.kinds) overrides["kinds"] = *line.kinds;
    Settings settings(line.config, overrides);
    const Section root = settings.root();
    common.log = read_log_settings(root.section("log"));
    common.operations = read_http_settings(root.section("operations"), program.private_port);
    common.traces = read_trace_settings(root.section("traces"));
    const std::string kinds = root.required_text("kinds");
    std::vector<std::string> kind_faults;
    if (!kinds.empty()) common.kinds = KindSet::load(kinds, kind_faults);
    serve = program.read(root, common);
    faults = settings.faults();
    faults.insert(faults.end(), kind_faults.begin(), kind_faults.end());
    effective = settings.effective();
  }
  ~Configuration() = default;
  Configuration(const Configuration&) = delete;
  Configuration& operator=(const Configuration&) = delete;

  CommonSettings common;
  std::function<void(Process&)> serve;
  std::vector<std::string> faults;
  std::string effective;
};

// Reads the private port only: a fault elsewhere in the file does not make a running daemon unwell.
int ask_health(const CommandLine& line, const Program& program) {
  Settings settings(line.config);
  settings.root().keys();
  const HttpSettings port = read_http_settings(settings.root().section("operations"), program.private_port);
  if (const auto faults = settings.faults(); !faults.empty()) {
    print_lines(faults);
    return kExitConfig;
  }
  try {
    const Readiness answer = ask_readiness(port.address, port.port, kHealthLimit);
    if (!answer.ready) std::fprintf(stderr, "not ready: %s\n", answer.said.c_str());
    return answer.ready ? kExitOk : kExitFailure;
  } catch (const TransientError& error) {
    std::fprintf(stderr, "not ready: %s:%u: %s\n", port.address.c_str(), unsigned{port.port}, error.what());
    return kExitFailure;
  }
}

int serve(const Configuration& configuration, const Program& program) {
  start_log(program.name, configuration.common.log);
  Metrics metrics;
  Process process(configuration.common, program.name, metrics);
  log_info("starting", {{"version", kVersion}});
  configuration.serve(process);
  log_info("stopped");
  return kExitOk;
}

int run(const CommandLine& line, const Program& program) {
  if (line.action == CommandLine::Action::kHealth) return ask_health(line, program);
  const Configuration configuration(line, program);
  if (!configuration.faults.empty()) {
    print_lines(configuration.faults);
    return kExitConfig;
  }
  if (line.action == CommandLine::Action::kServe) return serve(configuration, program);
  std::printf("%sconfiguration is good\n", configuration.effective.c_str());
  return kExitOk;
}

}  // namespace

Process::Process(const CommonSettings& settings, const std::string& name, Metrics& metrics)
    : settings_(settings), metrics_(metrics), api_(metrics), requests_(settings.kinds, metrics) {
  const SpanCounters counters(metrics);
  if (settings.traces.endpoint.empty()) return;
  const SpanSource source{.service = name, .instance = new_uuid_v7()};
  spans_ = std::make_unique<SpanExporter>(settings.traces, source, counters);
}

Process::~Process() = default;

HttpHandler Process::counted(HttpHandler handler) {
  return [this, handler = std::move(handler)](HttpRequest request, Responder responder) {
    requests_.count(request, responder);
    handler(std::move(request), std::move(responder));
  };
}

void Process::ready_when(std::string name, std::function<bool()> condition) {
  api_.ready_when(std::move(name), std::move(condition));
}

void Process::run_until_stopped(HttpServer& server, const std::function<void()>& tick) {
  // However this is left: the conditions look at what the caller is about to take down.
  struct StopOnLeaving {  // NOLINT(cppcoreguidelines-special-member-functions): a guard on the stack
    OperationsApi& api;
    ~StopOnLeaving() { api.stop(); }
  } const stop_on_leaving{api_};
  server_ = std::make_unique<HttpServer>(
      settings_.operations,
      [this](const HttpRequest& request, Responder responder) { responder.send(api_.answer(request)); });
  log_info("started", {{"private_port", server_->port()}});
  const auto never = std::chrono::steady_clock::time_point::max();
  const int signal = wait_for_signal(never, tick);
  log_info("stopping", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
  api_.stop();
  server.close_after_answers();
  wait_for_signal(std::chrono::steady_clock::now() + server.leave_time(), tick);
}

int run_program(int argc, char** argv, const Program& program) {
  prepare_signals();
  SpareMemory::keep();
  const auto parsed = parse_command_line(argc, argv, program.name, program.summary);
  if (const auto* leave = std::get_if<LeaveWith>(&parsed)) return leave->exit_code;
  try {
    return run(std::get<CommandLine>(parsed), program);
  } catch (const TransientError& error) {
    log_error("cannot serve", {{"reason", error.what()}});
    return kExitUnavailable;
  } catch (const std::exception& error) {
    log_error("ended by a fault of the program", {{"reason", error.what()}});
    return kExitSoftware;
  }
}

}  // namespace comporta
