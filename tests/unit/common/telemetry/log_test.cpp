#include "common/telemetry/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace comporta {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

constexpr const char* kTime = "20[0-9-]+T[0-9:.]+Z";

std::string logged(const LogSettings& settings, const std::function<void()>& act) {
  start_log("storage", settings);
  testing::internal::CaptureStderr();
  act();
  return testing::internal::GetCapturedStderr();
}

std::string logged(bool json, std::string_view message, std::initializer_list<LogField> fields = {}) {
  return logged({.level = LogLevel::kInfo, .json = json}, [&] { log_info(message, fields); });
}

TEST(Log, WritesOneJsonObjectALine) {
  const std::string line =
      logged(true, "object \"written\"", {{"object", std::string("a/b")}, {"bytes", 12}});
  EXPECT_THAT(line, MatchesRegex(std::string(R"(\{"time":")") + kTime +
                                 R"(","level":"info","daemon":"storage","message":"object \\"written\\"",)"
                                 R"("object":"a/b","bytes":12\}.)"));
}

TEST(Log, WritesTextForPeople) {
  const std::string line = logged(false, "batch out", {{"parts", 3}, {"reason", "no queue"}, {"empty", ""}});
  EXPECT_THAT(line, MatchesRegex(std::string(kTime) +
                                 R"( info storage: batch out parts=3 reason="no queue" empty="".)"));
}

TEST(Log, KeepsHostileTextOnItsOwnLine) {
  const std::string hostile = "x\n{\"level\":\"error\"}\r\x1b[2J\xFF a=b";
  for (const bool json : {true, false}) {
    const std::string line = logged(json, hostile, {{"field", hostile}});
    EXPECT_EQ(line.find_first_of("\n\r\x1b\xFF"), line.size() - 1) << line;
    EXPECT_THAT(line, HasSubstr(R"(x\n{\"level\":\"error\"}\r\u001b[2J)"));
  }
}

TEST(Log, DoesNotTakeBracesForPlaceholders) {
  EXPECT_THAT(logged(false, "{} {0} %v"), HasSubstr(": {} {0} %v\n"));
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
  const auto all = [] {
    log_debug("m0");
    log_info("m1");
    log_warn("m2");
    log_error("m3");
  };
  const LogLevel levels[] = {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarn, LogLevel::kError};
  for (int lowest = 0; lowest < 4; ++lowest) {
    const std::string lines = logged({.level = levels[lowest], .json = true}, all);
    for (int level = 0; level < 4; ++level) {
      const bool there = lines.find("\"m" + std::to_string(level) + "\"") != std::string::npos;
      EXPECT_EQ(there, level >= lowest) << lines;
    }
  }
}

}  // namespace
}  // namespace comporta
