#pragma once
// A reaction as kind.yaml of tests/data/reactions has it, of an installation that names a host and has the
// secrets.

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "services/cache/reactions/call.h"
#include "tests/support/temporary_folder.h"

namespace comporta {

inline KindSet reacting_kinds() {
  std::vector<std::string> faults;
  KindSet kinds = KindSet::load(std::filesystem::path(COMPORTA_SOURCE_DIR) / "tests/data/reactions", faults);
  if (!faults.empty()) throw std::runtime_error(faults.front());
  return kinds;
}

inline KindReaction declared_reaction(const std::string& name) {
  KindReaction declared = reacting_kinds().find("order")->reactions.at(name);
  declared.address.url.front().text.insert(std::string_view("https://").size(), "provider.example");
  declared.address.host = "provider.example";
  return declared;
}

inline Reaction sample_reaction(const std::string& name, LookupSettings settings = {}) {
  const test::TemporaryFolder folder;
  std::ofstream(folder.path() / "provider_token") << "the-token\n";
  std::ofstream(folder.path() / "hook_secret") << "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n";
  if (settings.secrets_dir.empty()) settings.secrets_dir = folder.path();
  return set_up("order", name, declared_reaction(name), settings);
}

}  // namespace comporta
