#pragma once
// Structured log lines on standard error: time, level, daemon, message, fields. The only place that
// knows spdlog. Any thread. Never pass a record, a key or a secret as a field.

#include <array>
#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace comporta {

enum class LogLevel { kDebug, kInfo, kWarn, kError };
inline constexpr std::array<std::string_view, 4> kLogLevelNames = {"debug", "info", "warn", "error"};

struct LogSettings {
  LogLevel level = LogLevel::kInfo;
  bool json = true;  ///< one JSON object a line; otherwise `key=value` text for people
};

/// One field of a line. Numbers are written as numbers.
struct LogField {
  LogField(std::string_view k, std::string_view v) : key(k), text(v) {}
  LogField(std::string_view k, const char* v) : key(k), text(v) {}
  LogField(std::string_view k, const std::string& v) : key(k), text(v) {}
  template <std::integral T>
  LogField(std::string_view k, T v) : key(k), text(std::to_string(v)), is_number(true) {}

  std::string_view key;
  std::string text;
  bool is_number = false;
};

/// Once, in main(), before the first line. Lines before it go out as text at level info.
void start_log(std::string_view daemon, const LogSettings& settings);
void log_line(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

inline void log_debug(std::string_view m, std::initializer_list<LogField> f = {}) {
  log_line(LogLevel::kDebug, m, f);
}
inline void log_info(std::string_view m, std::initializer_list<LogField> f = {}) {
  log_line(LogLevel::kInfo, m, f);
}
inline void log_warn(std::string_view m, std::initializer_list<LogField> f = {}) {
  log_line(LogLevel::kWarn, m, f);
}
inline void log_error(std::string_view m, std::initializer_list<LogField> f = {}) {
  log_line(LogLevel::kError, m, f);
}

}  // namespace comporta
