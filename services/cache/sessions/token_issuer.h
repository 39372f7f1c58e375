#pragma once
// The access tokens of those who are logged in.

#include <chrono>
#include <string>

#include "common/access/key_file.h"
#include "common/access/token.h"
#include "services/cache/sessions/sessions.h"

namespace comporta {

struct AccessToken {
  std::string text;
  std::chrono::seconds lifetime;
};

/// Any thread.
class TokenIssuer {
 public:
  /// `keys` must outlive it.
  TokenIssuer(KeyFile& keys, TokenRules rules, std::chrono::seconds lifetime)
      : keys_(keys), rules_(std::move(rules)), lifetime_(lifetime) {}

  /// Signed with the key that signs by now. It is over with its session at the latest. Throws TransientError
  /// when no key signs.
  AccessToken issue(const OpenSession& session, WallClock::time_point now);

 private:
  KeyFile& keys_;
  const TokenRules rules_;
  const std::chrono::seconds lifetime_;
};

}  // namespace comporta
