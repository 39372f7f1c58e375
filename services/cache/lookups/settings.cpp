#include "services/cache/lookups/settings.h"

#include <algorithm>

#include "common/base/file.h"
#include "common/base/text.h"
#include "common/config/settings.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxCertificates = std::size_t{4} << 20;

/// Each of `texts` may name several, with commas.
std::vector<std::string> hosts_in(const std::vector<std::string>& texts) {
  std::vector<std::string> hosts;
  for (const std::string& text : texts)
    for (std::string_view rest = text; !rest.empty();) {
      std::string host = lower_ascii(std::string(trim(rest.substr(0, rest.find(',')))));
      rest.remove_prefix(std::min(rest.size(), rest.substr(0, rest.find(',')).size() + 1));
      if (!host.empty()) hosts.push_back(std::move(host));
    }
  return hosts;
}

}  // namespace

LookupSettings read_lookup_settings(const Section& section) {
  LookupSettings settings;
  settings.secrets_dir = section.text("secrets_dir", "");
  settings.private_hosts = hosts_in(section.one_or_more_texts("private_hosts"));
  settings.ca_file = section.text("ca_file", "");
  if (!settings.ca_file.empty() && !read_file(settings.ca_file, kMaxCertificates))
    section.fault("ca_file", "expected a readable file of up to 4MiB");
  settings.pause = section.duration("pause", {.fallback = settings.pause, .min = 100ms, .max = 1h});
  return settings;
}

}  // namespace comporta
