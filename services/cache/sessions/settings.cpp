#include "services/cache/sessions/settings.h"

#include <algorithm>

#include "common/access/password.h"
#include "common/config/settings.h"
#include "common/kinds/kind.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;

std::string read_secret(const Section& section, bool needed) {
  std::string secret = section.secret("secret", "");
  if (secret.empty() && needed)
    section.fault("secret_file", "is missing: a kind of accounts is loaded, and no password can be checked");
  if (!secret.empty() && secret.size() < kLeastPasswordSecret)
    section.fault(section.has("secret") ? "secret" : "secret_file", "must have 32 bytes at least");
  return secret;
}

SessionTimes read_times(const Section& section, std::chrono::milliseconds token_lifetime) {
  SessionTimes times;
  times.idle = section.duration("idle", {.fallback = times.idle, .min = 1min, .max = 720h});
  times.longest = section.duration("longest", {.fallback = times.longest, .min = 1min, .max = 720h});
  if (times.longest < times.idle) section.fault("longest", "must not be shorter than `idle`");
  if (times.idle < token_lifetime) section.fault("idle", "must not be shorter than `tokens.lifetime`");
  return times;
}

}  // namespace

bool have_accounts(const KindSet& kinds) {
  return std::ranges::any_of(kinds.all(), [](const auto& kind) { return kind.second.account.is_one(); });
}

SessionSettings read_session_settings(const Section& root, const KindSet& kinds) {
  const bool needed = have_accounts(kinds);
  SessionSettings settings;
  const Section tokens = root.section("tokens");
  const auto lifetime = tokens.duration("lifetime", {.fallback = 10min, .min = 1min, .max = 2h});
  settings.token_lifetime = std::chrono::floor<std::chrono::seconds>(lifetime);
  if (needed && tokens.text("keys_file", "").empty())
    tokens.fault("keys_file", "is missing: a kind of accounts is loaded, and no token can be signed");
  const Section section = root.section("sessions");
  settings.times = read_times(section, lifetime);
  settings.hash_threads =
      static_cast<int>(section.count("hash_threads", {.fallback = 1, .min = 1, .max = 64}));
  settings.hash_queue =
      static_cast<std::size_t>(section.count("hash_queue", {.fallback = 64, .min = 1, .max = 10'000}));
  settings.secret = read_secret(root.section("passwords"), needed);
  return settings;
}

}  // namespace comporta
