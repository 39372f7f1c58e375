#include "common/config/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "common/base/version.h"
#include "common/daemon/daemon.h"

namespace comporta {
namespace {

using testing::HasSubstr;
using Action = CommandLine::Action;

struct Outcome {
  std::variant<CommandLine, LeaveWith> result;
  std::string out;
  std::string err;
};

Outcome parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "/usr/bin/storage");
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  auto result = parse_command_line(static_cast<int>(arguments.size()), arguments.data(), "storage",
                                   "Writes every message as one object.");
  return {std::move(result), testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

TEST(CommandLine, ServesByDefault) {
  const auto line = std::get<CommandLine>(parse({}).result);
  EXPECT_EQ(line.action, Action::kServe);
  EXPECT_EQ(line.config, "/etc/comporta/storage.yaml");
  EXPECT_EQ(line.kinds, std::nullopt);
}

TEST(CommandLine, TakesItsOptions) {
  const auto check = std::get<CommandLine>(parse({"--config", "a.yaml", "--kinds=k", "--check"}).result);
  EXPECT_EQ(check.action, Action::kCheck);
  EXPECT_EQ(check.config, "a.yaml");
  EXPECT_EQ(check.kinds, "k");
  EXPECT_EQ(std::get<CommandLine>(parse({"--health"}).result).action, Action::kHealth);
}

TEST(CommandLine, TellsItsVersionAndItsUse) {
  const Outcome version = parse({"--version"});
  EXPECT_EQ(std::get<LeaveWith>(version.result).exit_code, kExitOk);
  EXPECT_EQ(version.out, "storage " + std::string(kVersion) + "\n");

  const Outcome help = parse({"--help"});
  EXPECT_EQ(std::get<LeaveWith>(help.result).exit_code, kExitOk);
  for (const auto* part :
       {"Writes every message as one object.", "--config FILE", "/etc/comporta/storage.yaml", "--kinds DIR",
        "--check", "--health", "--version", "storage --config deploy/config/storage.yaml --check",
        "78  a fault in the configuration"}) {
    EXPECT_THAT(help.out, HasSubstr(part));
  }
  EXPECT_EQ(help.err, "");
}

TEST(CommandLine, RefusesWhatItDoesNotKnow) {
  const std::vector<const char*> cases[] = {{"--chekc"},
                                            {"file.yaml"},
                                            {"--config"},
                                            {"-c", "x"},
                                            {"--check=2x"},
                                            {"--check", "--health"},
                                            {"--config=a", "--config=b"}};
  for (const auto& arguments : cases) {
    const Outcome outcome = parse(arguments);
    ASSERT_TRUE(std::holds_alternative<LeaveWith>(outcome.result)) << arguments.front();
    EXPECT_EQ(std::get<LeaveWith>(outcome.result).exit_code, kExitUsage) << arguments.front();
    EXPECT_THAT(outcome.err, testing::StartsWith("storage: "));
    EXPECT_THAT(outcome.err, HasSubstr("Try `storage --help`."));
    EXPECT_EQ(outcome.out, "");
  }
}

}  // namespace
}  // namespace comporta
