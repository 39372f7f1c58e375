#pragma once
// `reactions` of deploy/config/cache.yaml.

#include <chrono>
#include <string>

namespace comporta {

class KindSet;
class Section;

struct ReactionSettings {
  bool enabled = true;                     ///< false: what waits goes on waiting
  std::string gateway;                     ///< where outcomes are uploaded; begins with http
  std::chrono::milliseconds pause{3'000};  ///< behind the first try; later ones are longer
  std::chrono::milliseconds lease{5'000};  ///< who holds it alone works; when it ends, another may
};

/// Of the daemon's file; where one of the kinds has reactions, a file of keys must be there. Faults go to the
/// section's Settings.
ReactionSettings read_reaction_settings(const Section& root, const KindSet& kinds);

}  // namespace comporta
