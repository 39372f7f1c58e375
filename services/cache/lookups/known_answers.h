#pragma once
// What providers have said before: an interface here, and in Redis.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/uuid.h"
#include "services/cache/redis/client.h"

namespace comporta {

struct KnownAnswer {
  WallClock::time_point fetched;
  std::string result;  ///< a JSON object
};

/// One thread. Each call blocks for a round trip at most. Never throws because the store is away: then
/// nothing is known, and nothing is kept.
class KnownAnswers {
 public:
  virtual ~KnownAnswers() = default;
  /// Under each of the keys, in their order.
  virtual std::vector<std::optional<KnownAnswer>> read(const std::vector<std::string>& keys) = 0;
  virtual void keep(const std::string& key, const KnownAnswer& answer, std::chrono::seconds ttl) = 0;
};

/// In Redis, which all cache daemons share. Beside the deployment's prefix, `<prefix>-lookups:<key>`: a
/// replay, which makes all below `<prefix>:` anew, leaves them alone.
class RedisKnownAnswers : public KnownAnswers, private RedisClient {
 public:
  RedisKnownAnswers(RedisServer server, const std::string& prefix);

  std::vector<std::optional<KnownAnswer>> read(const std::vector<std::string>& keys) override;
  void keep(const std::string& key, const KnownAnswer& answer, std::chrono::seconds ttl) override;

 private:
  using Clock = std::chrono::steady_clock;
  template <typename Work>
  void unless_away(Work work);

  const std::string key_start_;
  Clock::time_point next_try_ = {};
};

}  // namespace comporta
