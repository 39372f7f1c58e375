#include "common/kinds/lookups.h"

#include <algorithm>
#include <set>

#include "common/base/text.h"
#include "common/broker/message.h"
#include "common/json/rapid.h"
#include "common/kinds/reading.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kScheme = "https://";
constexpr std::size_t kMaxSecretName = 63;
constexpr DurationRule kTtl{60s, 1s, 24h};
constexpr DurationRule kStale{24h, 0s, 168h};
/// Asked twice in its place, somebody is answered before a request's time is over.
constexpr DurationRule kTimeout{3s, 100ms, 4s};

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool all_are(std::string_view text, std::string_view beside) {
  return std::ranges::all_of(
      text, [&](char c) { return is_letter_or_digit(c) || beside.find(c) != std::string_view::npos; });
}

bool is_member_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxSecretName && all_are(name, "_");
}

/// `host` or `host:port`.
bool is_host(std::string_view text) {
  const std::string_view name = text.substr(0, text.find(':'));
  const bool has_port = name.size() < text.size();
  const auto port = has_port ? whole_number<std::uint16_t>(text.substr(name.size() + 1)) : 443;
  return all_are(name, ".-") && !name.starts_with('.') && port.value_or(0) != 0 &&
         (has_port ? !name.empty() : true);
}

/// What may stand in the path and the query of a URL, and braces.
bool is_path(std::string_view text) {
  return text.starts_with('/') && all_are(text, "-._~/?&=%:@!$'()*+,;{}");
}

/// A server may take them for another path.
bool has_dot_segment(std::string_view path) {
  path = path.substr(0, path.find('?'));
  for (const std::string_view segment : {"/.", "/..", "/%2e", "/%2E"})
    for (std::size_t at = path.find(segment); at != std::string_view::npos; at = path.find(segment, at + 1)) {
      const std::string_view rest = path.substr(at + segment.size());
      if (rest.empty() || rest.starts_with('/') || segment.starts_with("/%")) return true;
    }
  return false;
}

/// Nothing if its braces do not fit.
std::vector<LookupUrlPiece> pieces_of(std::string_view url) {
  std::vector<LookupUrlPiece> pieces;
  while (!url.empty()) {
    const std::size_t open = url.find('{');
    const std::size_t close = url.find('}');
    if (open == std::string_view::npos && close == std::string_view::npos) {
      pieces.push_back({std::string(url), {}});
      break;
    }
    if (close == std::string_view::npos || open > close) return {};
    const std::string_view name = url.substr(open + 1, close - open - 1);
    if (name.empty() || name.find('{') != std::string_view::npos) return {};
    pieces.push_back({std::string(url.substr(0, open)), std::string(name)});
    url.remove_prefix(close + 1);
  }
  return pieces;
}

/// What is wrong with the address; empty if it is good.
std::string url_fault(std::string_view url) {
  if (!url.starts_with(kScheme)) return "must begin with https://";
  const std::string_view rest = url.substr(kScheme.size());
  const std::string_view host = rest.substr(0, rest.find('/'));
  if (!is_host(host)) return "must have a host's name behind https://, and perhaps a port, as they stand";
  const std::string_view path = rest.substr(host.size());
  if (!is_path(path)) return "must have a path behind the host, encoded as it is to be sent";
  if (has_dot_segment(path)) return "must have no `.` or `..` in its path";
  if (pieces_of(url).empty()) return "must have each parameter between braces";
  return {};
}

std::string host_in(std::string_view url) {
  const std::string_view rest = url.substr(kScheme.size());
  std::string host(rest.substr(0, rest.find_first_of(":/")));
  std::ranges::transform(host, host.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return host;
}

void read_url(const Section& section, KindLookup& lookup) {
  const std::string url = section.required_text("get");
  if (url.empty()) return;
  if (const std::string fault = url_fault(url); !fault.empty()) return section.fault("get", fault);
  lookup.host = host_in(url);
  lookup.url = pieces_of(url);
  std::set<std::string> used;
  for (const LookupUrlPiece& piece : lookup.url) used.insert(piece.parameter);
  used.erase("");
  for (const std::string& name : used)
    if (!lookup.question.parameters.contains(name))
      section.fault("get", "there is no parameter `" + name + "`");
  for (const auto& [name, parameter] : lookup.question.parameters)
    if (!used.contains(name)) section.section("parameters").fault(name, "is not in `get`");
}

/// What is not sent by default must be.
void read_question(const Section& section, KindLookup& lookup) {
  lookup.question = read_query(section);
  for (auto& [name, parameter] : lookup.question.parameters)
    if (parameter.fallback.empty()) parameter.required = true;
}

/// Those that say how a request is carried are not a kind's.
bool is_header_name(std::string_view name) {
  static const std::set<std::string_view> kCarried = {
      "connection", "content-length",    "cookie", "expect", "host", "te",
      "trailer",    "transfer-encoding", "upgrade"};
  const auto is_carried = [&](std::string_view one) { return iequals(one, name); };
  return !name.empty() && all_are(name, "-_") && std::ranges::none_of(kCarried, is_carried);
}

bool is_secret_name(std::string_view name) {
  return name.size() <= kMaxSecretName && all_are(name, "_-") &&
         std::ranges::none_of(name, [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

void read_headers(const Section& headers, KindLookup& lookup) {
  for (const std::string& name : headers.keys()) {
    if (!is_header_name(name)) headers.fault(name, "is no name of a header that a kind may send");
    const Section header = headers.section(name);
    LookupHeader& read = lookup.headers[name];
    read = {header.text("prefix", ""), header.required_text("secret")};
    if (!is_printable(read.prefix)) header.fault("prefix", "must have printable ASCII only");
    if (!is_secret_name(read.secret))
      header.fault("secret", "is a name of lower-case letters, digits, _ and -, at most 63");
  }
}

void hold_pointer(const Section& section, std::string_view key, const std::string& pointer) {
  if (!pointer.starts_with('/') || !rapidjson::Pointer(pointer.data(), pointer.size()).IsValid())
    section.fault(key, "must be a JSON pointer into the answer, such as /body/credit");
}

void read_success(const Section& success, KindLookup& lookup) {
  for (const std::string& pointer : success.keys()) {
    hold_pointer(success, pointer, pointer);
    lookup.success[pointer] = success.required_text(pointer);
  }
}

void read_result(const Section& section, KindLookup& lookup) {
  const Section result = section.section("result");
  const std::vector<std::string> names = result.keys();
  if (names.empty()) section.fault("result", "must name at least one member");
  for (const std::string& name : names) {
    if (!is_member_name(name))
      result.fault(name, "a member's name has letters, digits and _ only, at most 63");
    if (name == "fetched_at" || name == "stale") result.fault(name, "is what every lookup answers");
    const Section member = result.section(name);
    LookupMember& read = lookup.result[name];
    read.pointer = member.required_text("pointer");
    if (!read.pointer.empty()) hold_pointer(member, "pointer", read.pointer);
    if (!member.has("type")) member.fault("type", "is missing: expected one of number, text, flag");
    const std::string type = member.choice("type", "number", {"number", "text", "flag"});
    for (const auto one : {LookupMember::Type::kText, LookupMember::Type::kFlag})
      if (type == type_name(one)) read.type = one;
  }
}

std::chrono::seconds whole_seconds(const Section& section, std::string_view key, const DurationRule& rule) {
  const std::chrono::milliseconds time = section.duration(key, rule);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  if (seconds != time) section.fault(key, "must be whole seconds");
  return seconds;
}

KindLookup read_lookup(const Section& section) {
  KindLookup lookup;
  read_question(section, lookup);
  read_url(section, lookup);
  read_headers(section.section("headers"), lookup);
  read_success(section.section("success"), lookup);
  read_result(section, lookup);
  lookup.ttl = whole_seconds(section, "ttl", kTtl);
  lookup.stale = whole_seconds(section, "stale", kStale);
  lookup.timeout = section.duration("timeout", kTimeout);
  return lookup;
}

}  // namespace

std::string_view type_name(LookupMember::Type type) {
  switch (type) {
    case LookupMember::Type::kNumber:
      return "number";
    case LookupMember::Type::kText:
      return "text";
    case LookupMember::Type::kFlag:
      return "flag";
  }
  return {};
}

std::map<std::string, KindLookup, std::less<>> read_lookups(const Section& lookups, const Kind& kind) {
  std::map<std::string, KindLookup, std::less<>> read;
  for (const std::string& name : lookups.keys()) {
    if (!is_kind_name(name))
      lookups.fault(name, "a lookup's name has lower-case letters, digits and inner hyphens only");
    if (kind.views.queries.contains(name)) lookups.fault(name, "is a query's name, too");
    read[name] = read_lookup(lookups.section(name));
  }
  return read;
}

}  // namespace comporta
