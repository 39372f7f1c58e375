#pragma once
// What deploy/config/cache.yaml says of logging in.

#include <chrono>
#include <cstddef>
#include <string>

#include "services/cache/sessions/sessions.h"

namespace comporta {

class KindSet;
class Section;

struct SessionSettings {
  std::chrono::seconds token_lifetime{600};
  SessionTimes times = {};
  int hash_threads = 1;
  std::size_t hash_queue = 64;
  std::string secret;  ///< of passwords: 32 bytes or more; empty: nobody can log in
};

/// `tokens.lifetime`, `sessions` and `passwords` of the daemon's file. Where one of the kinds is of accounts,
/// a secret and a file of keys must be there. Faults go to the section's Settings.
SessionSettings read_session_settings(const Section& root, const KindSet& kinds);
/// Whether anybody can log in.
bool have_accounts(const KindSet& kinds);

}  // namespace comporta
