#include "common/access/gatekeeper.h"

#include <algorithm>
#include <utility>

#include "common/base/digest.h"
#include "common/base/text.h"

namespace comporta {
namespace {

constexpr std::size_t kRemembered = 4'096;  // of each generation
constexpr std::string_view kAuthorization = "authorization";

/// The token of a header's value; empty if it has none of a scheme that is known.
std::string_view token_in(std::string_view value) {
  const std::size_t blank = value.find(' ');
  if (blank == std::string_view::npos) return {};
  const std::string_view scheme = value.substr(0, blank);
  if (!iequals(scheme, "bearer") && !iequals(scheme, "jwt")) return {};
  return trim(value.substr(blank));
}

/// `client/c1`; nothing if it is no such name.
std::optional<Caller> caller_of(const Claims& claims) {
  const std::size_t slash = claims.subject.find('/');
  if (slash == std::string::npos || slash == 0 || slash + 1 == claims.subject.size()) return std::nullopt;
  return Caller{.kind = claims.subject.substr(0, slash),
                .key = claims.subject.substr(slash + 1),
                .roles = claims.roles,
                .session = claims.session};
}

std::int64_t seconds_of(WallClock::time_point time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

Problem log_in_first() {
  return {.status = 401,
          .type = "urn:comporta:problem:log-in",
          .title = "Log in first",
          .detail = "only those who have logged in may do this"};
}

Problem not_allowed() {
  return {.status = 403,
          .type = "urn:comporta:problem:not-allowed",
          .title = "Not allowed",
          .detail = "your account does not have the rights that this takes"};
}

Gatekeeper::Gatekeeper(const AccessSettings& settings, Metrics& metrics, Clock clock)
    : settings_(settings),
      clock_(clock),
      keys_(settings.keys_file),
      denied_(metrics.counter("comporta_access_refused_total",
                              "Requests by somebody who may not do what was asked.")),
      keys_written_(metrics.gauge("comporta_token_keys_written_timestamp_seconds",
                                  "When the keys of tokens were last made or rotated; 0: there are none.")) {
  tell_when_keys_were_written();
  using enum TokenFault;
  for (const TokenFault fault : {kMalformed, kUnknownKey, kBadSignature, kForeign, kNotYet, kExpired})
    refused_.emplace(fault, metrics.counter("comporta_tokens_refused_total", "Tokens that were not believed.",
                                            {{"reason", std::string(name_of(fault))}}));
}

CallerOrProblem Gatekeeper::caller(const HttpRequest& request) {
  const auto is_it = [](const auto& header) { return header.first == kAuthorization; };
  const auto count = std::count_if(request.headers.begin(), request.headers.end(), is_it);
  if (count == 0) return std::nullopt;
  const std::string_view token = token_in(request.header(kAuthorization));
  if (count > 1 || token.empty()) return refuse(TokenFault::kMalformed);
  const auto verified = verify(token);
  if (const auto* fault = std::get_if<TokenFault>(&verified)) return refuse(*fault);
  auto caller = caller_of(std::get<Claims>(verified));
  if (!caller) return refuse(TokenFault::kMalformed);
  return caller;
}

std::optional<Problem> Gatekeeper::unless(Permission permission) const {
  if (permission == Permission::kYes || permission == Permission::kIfOwner) return std::nullopt;
  denied_.add();
  return permission == Permission::kLogIn ? log_in_first() : not_allowed();
}

AccessRule Gatekeeper::in_force(AccessRule rule) const {
  if (settings_.closed && rule.anyone) return {.any_login = true};
  return rule;
}

std::variant<Claims, TokenFault> Gatekeeper::verify(std::string_view token) {
  if (token.size() > kLongestToken) return TokenFault::kMalformed;
  const std::int64_t now = seconds_of(clock_());
  const std::string name(as_text(sha256(token)));
  if (auto known = recall(name, now)) return std::move(*known);
  auto verified = verify_token(token, settings_.tokens, *keys_.ring(), now);
  const auto* fault = std::get_if<TokenFault>(&verified);
  if (fault != nullptr && *fault == TokenFault::kUnknownKey)
    verified = verify_token(token, settings_.tokens, *keys_.look_again(), now);
  if (const auto* claims = std::get_if<Claims>(&verified)) remember(name, *claims);
  return verified;
}

/// Only while its key is in the ring by which it was verified, and as long as it holds.
std::optional<Claims> Gatekeeper::recall(const std::string& name, std::int64_t now) const {
  const auto ring = keys_.ring();
  const std::lock_guard lock(mutex_);
  if (ring != ring_) return std::nullopt;
  auto found = young_.find(name);
  if (found == young_.end()) {
    found = old_.find(name);
    if (found == old_.end()) return std::nullopt;
  }
  if (found->second.expires <= now - settings_.tokens.leeway.count()) return std::nullopt;
  return found->second;
}

void Gatekeeper::remember(const std::string& name, const Claims& claims) {
  auto ring = keys_.ring();
  const std::lock_guard lock(mutex_);
  if (ring != ring_) {
    young_.clear();
    old_.clear();
    ring_ = std::move(ring);
    tell_when_keys_were_written();
  }
  if (young_.size() >= kRemembered) old_ = std::exchange(young_, {});
  young_.insert_or_assign(name, claims);
}

void Gatekeeper::tell_when_keys_were_written() const {
  const auto written = keys_.written().value_or(std::chrono::system_clock::time_point{});
  keys_written_.set(std::chrono::duration<double>(written.time_since_epoch()).count());
}

Problem Gatekeeper::refuse(TokenFault fault) const {
  refused_.at(fault).add();
  const bool over = fault == TokenFault::kExpired;
  return {.status = 401,
          .type = "urn:comporta:problem:token",
          .title = over ? "Session over" : "Token refused",
          .detail = over ? "the token's time is over: refresh it, or log in again"
                         : "the Authorization header has no token that is good here"};
}

}  // namespace comporta
