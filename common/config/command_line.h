#pragma once
// A daemon's command line. command_line.cpp is the only place that knows CLI11.

#include <filesystem>
#include <optional>
#include <string>
#include <variant>

namespace comporta {

/// The exit codes, after sysexits.h.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;  ///< --health: not ready
inline constexpr int kExitUsage = 64;
inline constexpr int kExitUnavailable = 69;  ///< something it cannot start without: its port is taken
inline constexpr int kExitSoftware = 70;     ///< a fault of our own
inline constexpr int kExitConfig = 78;

struct CommandLine {
  enum class Action { kServe, kCheck, kHealth };

  Action action = Action::kServe;
  std::filesystem::path config;
  std::optional<std::string> kinds;  ///< takes the place of the configuration's own
};

/// Exit with this code: everything is said already.
struct LeaveWith {
  int exit_code;
};

/// Prints the help, the version, or what is wrong with the arguments.
std::variant<CommandLine, LeaveWith> parse_command_line(int argc, const char* const* argv,
                                                        const std::string& name, const std::string& summary);

}  // namespace comporta
