#pragma once
// A gateway and a cache without broker and clock between them: what is uploaded goes through the gateway's
// checks, cutting and transforms into the cache's Redis, and is read through the cache's HTTP API.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/access/password.h"
#include "common/base/text_format.h"
#include "common/kinds/kind.h"
#include "services/cache/http_api.h"
#include "services/cache/reactions/outbox.h"
#include "services/cache/redis/store.h"
#include "services/ingest-gateway/upload.h"

namespace comporta {

/// Kinds must outlive it. Throws TransientError when Redis is away, or the code of a kind does not start.
class KindWorld {
 public:
  using Asker = std::optional<Caller>;  ///< nobody, if they have not logged in

  KindWorld(const KindSet& kinds, const RedisStoreSettings& settings);

  /// Returns why it was not applied, empty if it was; a record that is refused is no reason. `records` is a
  /// JSON array. What the door stamps may be given, whoever sends it.
  std::string upload(const Kind& kind, std::string records, const Asker& sender, Moment at);
  std::string remove(const Kind& kind, std::string_view key, const Asker& sender, Moment at);
  /// Of the last of these: what was not applied, as a JSON object of keys and reasons.
  std::string outcome();
  /// What the last of these has led to: a JSON list of `name` and `with`.
  std::string reactions();
  HttpResponse get(const std::string& path, const std::map<std::string, std::string>& parameters,
                   const Asker& asker, Moment now);

 private:
  std::variant<gateway::Upload, Problem> take_in(const Kind& kind, std::string body, const Asker& sender,
                                                 Moment at);
  std::string apply(const Kind& kind, std::string_view line, Moment at);
  std::string next_id(Moment at);
  std::map<std::string, std::string> all_reactions();

  const KindSet& kinds_;
  Moment now_ = {};  ///< of the step under way
  RedisStore store_;
  Metrics metrics_;
  Gatekeeper keeper_{{}, metrics_};
  PasswordHasher hasher_{std::string(32, '.')};
  std::string last_upload_;
  std::vector<Reaction> declared_;  ///< of all kinds
  RedisOutbox outbox_;
  std::map<std::string, std::string> reactions_before_;  ///< id -> JSON, of the last of these
  unsigned ids_ = 0;
};

}  // namespace comporta
