#include "common/config/command_line.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <regex>

#include "common/base/version.h"

namespace comporta {
namespace {

constexpr const char* kFooter = R"(Examples:
  DAEMON --config deploy/config/DAEMON.yaml --kinds kinds
  DAEMON --config deploy/config/DAEMON.yaml --check
  DAEMON --health && echo ready

Exit codes:
   0  ended as told; --check: good; --health: ready
   1  --health: not ready
  64  a fault in the command line
  69  something it cannot start without: a port is taken
  70  a fault of the program itself: please report it
  78  a fault in the configuration or in a kind
)";

LeaveWith leave(const CLI::App& app, const CLI::ParseError& reason) {
  if (reason.get_exit_code() == 0) return {app.exit(reason)};  // help or version
  std::fprintf(stderr, "%s: %s\nTry `%s --help`.\n", app.get_name().c_str(), reason.what(),
               app.get_name().c_str());
  return {kExitUsage};
}

}  // namespace

std::variant<CommandLine, LeaveWith> parse_command_line(int argc, const char* const* argv,
                                                        const std::string& name, const std::string& summary) {
  CommandLine line;
  line.config = "/etc/comporta/" + name + ".yaml";
  std::string kinds;
  bool check = false;
  bool health = false;
  CLI::App app(summary, name);
  app.add_option("--config", line.config, "Its YAML file")->type_name("FILE")->capture_default_str();
  app.add_option("--kinds", kinds, "The folder of kinds, instead of the file's `kinds`")->type_name("DIR");
  auto* const checking = app.add_flag("--check", check, "Read everything, print what is in effect, and end");
  auto* const asking =
      app.add_flag("--health", health, "Ask the running daemon's private port if it is ready, and end");
  checking->disable_flag_override()->excludes(asking);
  asking->disable_flag_override();
  app.set_version_flag("--version", name + ' ' + kVersion, "Print the version and end");
  app.set_help_flag("--help", "Print this and end");
  app.footer(std::regex_replace(kFooter, std::regex("DAEMON"), name));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& reason) {
    return leave(app, reason);
  }
  if (!kinds.empty()) line.kinds = kinds;
  if (check) line.action = CommandLine::Action::kCheck;
  if (health) line.action = CommandLine::Action::kHealth;
  return line;
}

}  // namespace comporta
