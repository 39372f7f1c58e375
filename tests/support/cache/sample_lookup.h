#pragma once
// A lookup as kind.yaml of tests/data/lookups has it, of an installation that names a host and has the
// secret.

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "services/cache/lookups/provider.h"
#include "tests/support/temporary_folder.h"

namespace comporta {

inline KindLookup sample_declared(const std::string& name,
                                  const std::string& host = "Provider.example:8443") {
  std::vector<std::string> faults;
  const KindSet kinds =
      KindSet::load(std::filesystem::path(COMPORTA_SOURCE_DIR) / "tests/data/lookups", faults);
  if (!faults.empty()) throw std::runtime_error(faults.front());
  KindLookup declared = kinds.find("sale")->lookups.at(name);
  std::string& start = declared.url.front().text;
  start.insert(start.find("://") + 3, host);
  declared.host = "provider.example";
  return declared;
}

inline Lookup sample_lookup(const std::string& name, LookupSettings settings = {},
                            std::string_view secret = "k") {
  const test::TemporaryFolder folder;
  std::ofstream(folder.path() / "provider_token") << "the-token\n";
  if (settings.secrets_dir.empty()) settings.secrets_dir = folder.path();
  return set_up("sale", name, sample_declared(name), settings, secret);
}

}  // namespace comporta
