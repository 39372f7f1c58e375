#include "services/cache/reactions/settings.h"

#include "common/config/settings.h"

namespace comporta {

using namespace std::chrono_literals;

ReactionSettings read_reaction_settings(const Section& section) {
  ReactionSettings settings;
  settings.enabled = section.flag("enabled", settings.enabled);
  settings.gateway = section.text("gateway", "http://127.0.0.1:8081");
  while (settings.gateway.ends_with('/')) settings.gateway.pop_back();
  if (!settings.gateway.starts_with("http://") && !settings.gateway.starts_with("https://"))
    section.fault("gateway", "must begin with http:// or https://");
  settings.pause = section.duration("first_pause", {.fallback = settings.pause, .min = 10ms, .max = 10min});
  settings.lease = section.duration("lease", {.fallback = settings.lease, .min = 1s, .max = 1min});
  return settings;
}

}  // namespace comporta
