#include "services/cache/sessions/token_issuer.h"

#include <algorithm>

#include "common/base/error.h"
#include "common/base/uuid.h"

namespace comporta {

using std::chrono::seconds;

AccessToken TokenIssuer::issue(const OpenSession& session, WallClock::time_point now) {
  const auto ring = keys_.look_again();
  const TokenKey* const key = ring->signing();
  if (key == nullptr) throw TransientError("no key signs tokens");
  const seconds lifetime = std::min(lifetime_, std::chrono::floor<seconds>(session.end - now));
  const auto issued = std::chrono::floor<seconds>(now.time_since_epoch()).count();
  const Claims claims{.subject = session.account.principal(),
                      .session = session.refresh.session,
                      .roles = session.account.roles,
                      .id = new_uuid_v7(now),
                      .issued = issued,
                      .expires = issued + lifetime.count(),
                      .not_before = issued};
  return {sign_token(claims, rules_, *key), lifetime};
}

}  // namespace comporta
