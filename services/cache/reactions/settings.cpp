#include "services/cache/reactions/settings.h"

#include <algorithm>

#include "common/config/settings.h"
#include "common/kinds/kind.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;

/// What this installation has no host for has no outcome, and needs nothing.
bool asks_somebody(const std::pair<const std::string, Kind>& kind) {
  return std::ranges::any_of(kind.second.reactions,
                             [](const auto& one) { return !one.second.address.host.empty(); });
}

}  // namespace

ReactionSettings read_reaction_settings(const Section& root, const KindSet& kinds) {
  ReactionSettings settings;
  const Section tokens = root.section("tokens");
  if (std::ranges::any_of(kinds.all(), asks_somebody) && tokens.text("keys_file", "").empty())
    tokens.fault("keys_file",
                 "is missing: a kind with reactions is loaded, whose outcomes come with a token");
  const Section section = root.section("reactions");
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
