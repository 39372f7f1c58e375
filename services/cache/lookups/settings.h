#pragma once
// `lookups` of deploy/config/cache.yaml.

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace comporta {

class Section;

struct LookupSettings {
  std::filesystem::path secrets_dir =
      {};  ///< has a file for each secret, called as it is; empty: there are none
  std::vector<std::string> private_hosts =
      {};                                   ///< that may have an address that is not public; in lower case
  std::filesystem::path ca_file = {};       ///< certificates that are trusted beside the system's
  std::chrono::milliseconds pause{30'000};  ///< before a provider that has failed in a row is asked again
};

/// Faults go to the section's Settings.
LookupSettings read_lookup_settings(const Section& section);

}  // namespace comporta
