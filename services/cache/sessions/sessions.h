#pragma once
// Who is logged in: sessions, each a note in the store, which is over when nobody has refreshed it for a
// while, in the end anyway, when somebody logs out, and when the account's password or roles are others or
// there is no account any more. Lost with the store: people log in again.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "common/access/caller.h"
#include "common/base/uuid.h"
#include "services/cache/sessions/account.h"
#include "services/cache/sessions/refresh_token.h"
#include "services/cache/sessions/store.h"

namespace comporta {

struct SessionTimes {
  std::chrono::milliseconds idle = std::chrono::hours(2);      ///< from login or the last refresh
  std::chrono::milliseconds longest = std::chrono::hours(12);  ///< from login
};

/// So long a refresh token that has been replaced may come again: from another tab, or because the answer was
/// lost. Later it is taken for stolen, and ends the session.
inline constexpr std::chrono::seconds kRefreshGrace{10};

/// What somebody gets who logs in or refreshes.
struct OpenSession {
  Account account;
  RefreshToken refresh;
  std::chrono::milliseconds idle;  ///< until it is over, unless it is refreshed
  WallClock::time_point end;       ///< when it is over anyway
};

/// One thread, its store's.
class Sessions {
 public:
  using Clock = WallClock::time_point (*)();

  /// `secret` of 32 bytes or more, which the store does not have. `store` must outlive it.
  Sessions(PeopleStore& store, SessionTimes times, std::string secret, Clock clock);

  OpenSession open(Account account);
  /// Nothing if the session is over, or it never was one.
  std::optional<OpenSession> refresh(std::string_view refresh_token);
  /// The account as it is, if the caller's session is not over.
  std::optional<Account> account_of(const Caller& caller);
  /// The session that this token is of, or was; nothing if there is none.
  std::optional<Caller> caller_of(std::string_view refresh_token);

  void end(std::string_view session);
  /// All sessions of an account.
  void end_all(std::string_view principal);

 private:
  struct State;
  struct Found;

  std::int64_t now_ms() const;
  std::string generation_name(std::string_view principal) const;
  std::optional<Found> find(std::string_view session);
  std::optional<State> turn(const RefreshToken& sent, RefreshToken& valid);
  std::chrono::milliseconds left(const State& state) const;
  Note note_of(std::string_view session, const State& state) const;

  PeopleStore& store_;
  const SessionTimes times_;
  const std::string secret_;
  const RefreshChain chain_;
  const Clock clock_;
};

}  // namespace comporta
