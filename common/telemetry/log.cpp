#include "common/telemetry/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <chrono>

#include "common/base/text.h"

namespace comporta {
namespace {

std::string_view level_name(LogLevel level) {
  return kLogLevelNames[static_cast<std::size_t>(level)];
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

// Written by start_log() before there are threads, read-only after.
struct Log {
  Log() { logger.set_pattern("%v"); }

  spdlog::logger logger{"comporta", std::make_shared<spdlog::sinks::stderr_sink_mt>()};
  std::string daemon = "comporta";
  bool json = false;
};

Log& the_log() {
  static Log log;
  return log;
}

void append_json_member(std::string& out, std::string_view name, std::string_view value) {
  append_json_string(out, name);
  out += ':';
  append_json_string(out, value);
}

std::string json_line(const std::string& daemon, LogLevel level, std::string_view message,
                      std::initializer_list<LogField> fields) {
  std::string line = "{";
  append_json_member(line, "time", rfc3339(std::chrono::system_clock::now()));
  append_json_member(line += ',', "level", level_name(level));
  append_json_member(line += ',', "daemon", daemon);
  append_json_member(line += ',', "message", message);
  for (const LogField& field : fields) {
    line += ',';
    if (field.is_number) {
      append_json_string(line, field.key);
      (line += ':') += field.text;
    } else {
      append_json_member(line, field.key, field.text);
    }
  }
  return line += '}';
}

// As it stands if no character of it can be mistaken for the end of it, as a JSON string otherwise: a line
// break in a value must never begin a line of its own.
void append_text(std::string& out, std::string_view text, std::string_view also_quoted) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return c >= ' ' && c < 0x7F && also_quoted.find(c) == std::string_view::npos;
  });
  if (plain) {
    out += text;
  } else {
    append_json_string(out, text);
  }
}

std::string text_line(const std::string& daemon, LogLevel level, std::string_view message,
                      std::initializer_list<LogField> fields) {
  std::string line = rfc3339(std::chrono::system_clock::now());
  ((line += ' ') += level_name(level)) += ' ';
  (line += daemon) += ": ";
  append_text(line, message, "");
  for (const LogField& field : fields) {
    ((line += ' ') += field.key) += '=';
    append_text(line, field.text, " =\"");
  }
  return line;
}

}  // namespace

void start_log(std::string_view daemon, const LogSettings& settings) {
  Log& log = the_log();
  log.daemon = daemon;
  log.json = settings.json;
  log.logger.set_level(to_spdlog(settings.level));
}

void log_line(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  Log& log = the_log();
  if (!log.logger.should_log(to_spdlog(level))) return;
  const auto make_line = log.json ? json_line : text_line;
  log.logger.log(to_spdlog(level), make_line(log.daemon, level, message, fields));
}

}  // namespace comporta
