#include "common/config/settings.h"

#include <algorithm>

#include "common/access/gatekeeper.h"

namespace comporta {

AccessSettings read_access_settings(const Section& root, bool signs) {
  AccessSettings settings;
  settings.closed = root.section("access").flag("closed", false);
  const Section tokens = root.section("tokens");
  settings.keys_file = tokens.text("keys_file", "");
  settings.tokens.issuer = tokens.text("issuer", settings.tokens.issuer);
  settings.tokens.audience = tokens.text("audience", settings.tokens.audience);
  for (const auto* name : {"issuer", "audience"})
    if (tokens.text(name, "comporta").empty()) tokens.fault(name, "must not be empty");
  if (settings.keys_file.empty()) return settings;
  std::vector<std::string> faults;
  const KeyRing ring = read_key_ring(settings.keys_file, faults);
  for (const std::string& fault : faults) tokens.fault("keys_file", fault);
  if (faults.empty() && signs && ring.signing() == nullptr)
    tokens.fault("keys_file", "has no key that can sign: this daemon needs the private ones");
  return settings;
}

}  // namespace comporta
