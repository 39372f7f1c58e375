#pragma once
// Who sends a request, by the token that it carries: each daemon finds out alone.

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "common/access/caller.h"
#include "common/access/key_file.h"
#include "common/access/token.h"
#include "common/base/problem.h"
#include "common/base/uuid.h"
#include "common/http/server.h"
#include "common/telemetry/metrics.h"

namespace comporta {

class Section;

struct AccessSettings {
  bool closed = false;         ///< what a kind opens to anyone takes a login, but for signing up
  std::string keys_file = {};  ///< empty: there are no tokens
  TokenRules tokens = {};
};

/// `access` and `tokens` of a daemon's file. Faults go to the section's Settings. `signs`: the daemon needs a
/// key that can.
AccessSettings read_access_settings(const Section& root, bool signs = false);

/// Nobody, if the request has no token.
using CallerOrProblem = std::variant<std::optional<Caller>, Problem>;

/// Any thread.
class Gatekeeper {
 public:
  using Clock = WallClock::time_point (*)();

  /// `metrics` must outlive it.
  Gatekeeper(const AccessSettings& settings, Metrics& metrics, Clock clock = WallClock::now);

  /// By `Authorization: Bearer …` (RFC 6750) or, from clients of earlier systems, `JWT …`. A Problem, 401, if
  /// there is a token that is not to be believed, or more than one.
  CallerOrProblem caller(const HttpRequest& request);

  /// What is to be answered to somebody without that permission; nothing for kYes and kIfOwner.
  std::optional<Problem> unless(Permission permission) const;
  /// `rule`, as this installation has it.
  AccessRule in_force(AccessRule rule) const;

  KeyFile& keys() { return keys_; }
  const TokenRules& rules() const { return settings_.tokens; }

 private:
  std::variant<Claims, TokenFault> verify(std::string_view token);
  std::optional<Claims> recall(const std::string& name, std::int64_t now) const;
  void remember(const std::string& name, const Claims& claims);
  void tell_when_keys_were_written() const;
  Problem refuse(TokenFault fault) const;

  const AccessSettings settings_;
  const Clock clock_;
  KeyFile keys_;
  std::map<TokenFault, Counter> refused_;
  Counter denied_;
  Gauge keys_written_;
  /// Tokens that have been verified, by their hashes: the latest, and those before them.
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Claims> young_;
  std::unordered_map<std::string, Claims> old_;
  std::shared_ptr<const KeyRing> ring_;  ///< by which these were verified
};

/// The 401 of somebody who has to log in, and the 403 of somebody who may not.
Problem log_in_first();
Problem not_allowed();

}  // namespace comporta
