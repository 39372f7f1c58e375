#include "common/broker/message.h"

#include <algorithm>
#include <cstdio>

#include "common/base/text.h"
#include "common/base/text_format.h"
#include "common/base/uuid.h"
#include "common/telemetry/trace.h"

namespace comporta {
namespace {

constexpr std::string_view kLineStart = R"({"upload":")";
constexpr std::string_view kPartMember = R"(","part":)";
constexpr std::string_view kObjectEnd = ".ndjson";
constexpr std::size_t kUuidLength = 36;
constexpr std::size_t kMaxKindLength = 63;
constexpr std::size_t kMaxPartDigits = 19;
/// Of a line, up to behind the names of the members in front of `principal`.
constexpr std::size_t kStartBytes = 160;

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  ((out += ",\"") += name) += "\":";
  append_json_string(out, value);
}

void append_member(std::string& out, std::string_view name, std::size_t value) {
  (((out += ",\"") += name) += "\":") += std::to_string(value);
}

void append_member(std::string& out, std::string_view name, const std::vector<std::string>& values) {
  (((out += ",\"") += name) += "\":") += json_texts(values);
}

/// The text behind `member`, such as `,"received":"`, if that is among the first bytes; otherwise empty.
std::string_view text_in_start(std::string_view line, std::string_view member) {
  const std::string_view start = line.substr(0, kStartBytes);
  const std::size_t found = start.starts_with(kLineStart) ? start.find(member) : std::string_view::npos;
  if (found == std::string_view::npos) return {};
  const std::string_view rest = line.substr(found + member.size());
  return rest.substr(0, rest.find('"'));
}

}  // namespace

void append_part_line(std::string& out, const PartHeader& header, std::string_view records) {
  ((out += kLineStart) += header.upload) += '"';
  append_member(out, "part", header.part);
  append_member(out, "parts", header.parts);
  if (header.first > 0) append_member(out, "first", header.first);
  append_member(out, "received", header.received);
  append_member(out, "traceparent", header.traceparent);
  append_member(out, "principal", header.principal);
  if (!header.roles.empty()) append_member(out, "roles", header.roles);
  if (!header.digest.empty()) append_member(out, "digest", header.digest);
  if (!header.action.empty()) append_member(out, "action", header.action);
  ((out += ",\"records\":[") += records) += "]}\n";
}

std::optional<std::string> part_mark(std::string_view line) {
  if (!line.starts_with(kLineStart)) return std::nullopt;
  line.remove_prefix(kLineStart.size());
  const std::string_view upload = line.substr(0, kUuidLength);
  if (!is_uuid_v7(upload)) return std::nullopt;
  line.remove_prefix(kUuidLength);
  if (!line.starts_with(kPartMember)) return std::nullopt;
  line.remove_prefix(kPartMember.size());
  const std::string_view part = line.substr(0, line.find_first_not_of("0123456789"));
  if (part.empty() || part.size() > kMaxPartDigits) return std::nullopt;
  return std::string(upload).append(":").append(part);
}

std::optional<std::chrono::system_clock::time_point> received_at(std::string_view line) {
  return parse_date_time(text_in_start(line, R"(,"received":")"));
}

std::string_view sampled_trace(std::string_view line) {
  const std::string_view value = text_in_start(line, R"(,"traceparent":")");
  return is_sampled(value) && !trace_id(value).empty() ? value : std::string_view();
}

bool is_part_of(std::string_view line, std::string_view upload) {
  if (!line.starts_with(kLineStart)) return false;
  line.remove_prefix(kLineStart.size());
  return line.starts_with(upload) && line.substr(upload.size()).starts_with('"');
}

bool is_kind_name(std::string_view text) {
  if (text.empty() || text.size() > kMaxKindLength || !is_lower(text.front()) || text.back() == '-')
    return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_lower(c) || (c >= '0' && c <= '9') || c == '-'; });
}

std::optional<std::string> object_name(std::string_view kind, std::string_view batch) {
  const auto time = uuid_v7_time(batch);
  if (!time || !is_kind_name(kind)) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(*time)};
  char folders[32];
  std::snprintf(folders, sizeof folders, "/%04d/%02u/%02u/", int{date.year()}, unsigned{date.month()},
                unsigned{date.day()});
  std::string name;
  name.reserve(kind.size() + sizeof folders + kUuidLength + kObjectEnd.size());
  return (((name += kind) += folders) += batch) += kObjectEnd;
}

bool is_object_name(std::string_view name) {
  constexpr std::size_t kTail = kUuidLength + kObjectEnd.size();
  if (name.size() <= kTail) return false;
  const std::string_view kind = name.substr(0, name.find('/'));
  return object_name(kind, name.substr(name.size() - kTail, kUuidLength)) == name;
}

}  // namespace comporta
