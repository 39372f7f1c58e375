#include "common/kinds/provider_address.h"

#include <algorithm>
#include <set>

#include "common/base/text.h"
#include "common/config/settings.h"
#include "common/json/rapid.h"

namespace comporta {
namespace {

constexpr std::string_view kScheme = "https://";
constexpr std::size_t kMaxSecretName = 63;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool all_are(std::string_view text, std::string_view beside) {
  return std::ranges::all_of(
      text, [&](char c) { return is_letter_or_digit(c) || beside.find(c) != std::string_view::npos; });
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
  return lower_ascii(std::string(rest.substr(0, rest.find_first_of(":/"))));
}

}  // namespace

std::vector<TextPiece> pieces_of(std::string_view url) {
  std::vector<TextPiece> pieces;
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

ProviderAddress read_address(const Section& section, std::string_view key) {
  const std::string url = section.required_text(key);
  if (url.empty()) return {};
  if (const std::string fault = url_fault(url); !fault.empty()) {
    section.fault(key, fault);
    return {};
  }
  return {host_in(url), pieces_of(url)};
}

bool is_secret_name(std::string_view name) {
  return name.size() <= kMaxSecretName && all_are(name, "_-") &&
         std::ranges::none_of(name, [](char c) { return c >= 'A' && c <= 'Z'; });
}

SecretHeader read_secret_header(const Section& header) {
  SecretHeader read{header.text("prefix", ""), read_secret_name(header, "secret")};
  if (!is_printable(read.prefix)) header.fault("prefix", "must have printable ASCII only");
  return read;
}

std::string read_secret_name(const Section& section, std::string_view key) {
  std::string name = section.required_text(key);
  if (!is_secret_name(name))
    section.fault(key, "is a name of lower-case letters, digits, _ and -, at most 63");
  return name;
}

bool is_header_name(std::string_view name) {
  static const std::set<std::string_view> kCarried = {
      "connection", "content-length",    "cookie", "expect", "host", "te",
      "trailer",    "transfer-encoding", "upgrade"};
  const auto is_carried = [&](std::string_view one) { return iequals(one, name); };
  return !name.empty() && all_are(name, "-_") && std::ranges::none_of(kCarried, is_carried);
}

bool is_member_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxSecretName && all_are(name, "_");
}

void hold_pointer(const Section& section, std::string_view key, const std::string& pointer) {
  if (!pointer.starts_with('/') || !rapidjson::Pointer(pointer.data(), pointer.size()).IsValid())
    section.fault(key, "must be a JSON pointer into the answer, such as /body/credit");
}

}  // namespace comporta
