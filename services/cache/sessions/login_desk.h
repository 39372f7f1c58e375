#pragma once
// Whether somebody is who they say. Whoever fails is told nothing else, and nothing later or sooner: a name
// that nobody has takes the same steps as one with another password.

#include <chrono>
#include <optional>
#include <string>
#include <variant>

#include "common/access/password.h"
#include "common/telemetry/metrics.h"
#include "services/cache/sessions/credentials.h"
#include "services/cache/sessions/sessions.h"
#include "services/cache/sessions/throttle.h"

namespace comporta {

/// Somebody who waits for an answer.
struct Attempt {
  Throttle::Try counted;
  std::string password;
  std::optional<Account> account;
  std::string trace;
};

class LoginDesk {
 public:
  /// All must outlive it.
  LoginDesk(PeopleStore& store, Throttle& throttle, Sessions& sessions, const PasswordHasher& hasher,
            Metrics& metrics);

  /// In three steps, of which only is_right() is slow: the others belong to the store's thread. A time, where
  /// so long nothing is tried for that name from that address.
  std::variant<Attempt, std::chrono::milliseconds> begin(const Credentials& credentials,
                                                         std::string_view address, std::string_view trace);
  /// Any thread. Takes some tens of milliseconds (crypto.h).
  bool is_right(const Attempt& attempt) const;
  /// Nothing if it was not right.
  std::optional<OpenSession> finish(Attempt attempt, bool right);

 private:
  std::optional<Account> account_of(const Credentials& credentials);

  PeopleStore& store_;
  Throttle& throttle_;
  Sessions& sessions_;
  const PasswordHasher& hasher_;
  Counter ok_;
  Counter refused_;
  Counter throttled_;
};

}  // namespace comporta
