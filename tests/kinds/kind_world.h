#pragma once
// A gateway and a cache without broker and clock between them: what is uploaded goes through the gateway's
// checks, cutting and transforms into the cache's Redis, and is read through the cache's HTTP API.

#include <map>
#include <string>
#include <string_view>

#include "common/base/text_format.h"
#include "common/kinds/kind.h"
#include "services/cache/http_api.h"
#include "services/cache/redis/store.h"

namespace comporta {

/// Kinds must outlive it. Throws TransientError when Redis is away, or the code of a kind does not start.
class KindWorld {
 public:
  KindWorld(const KindSet& kinds, const RedisStoreSettings& settings);

  /// Returns why it was not applied, empty if it was. `records` is a JSON array.
  std::string upload(const Kind& kind, std::string records, Moment at);
  std::string remove(const Kind& kind, std::string_view key, Moment at);
  /// As an admin asks.
  HttpResponse get(const std::string& path, const std::map<std::string, std::string>& parameters, Moment now);

 private:
  std::string apply(const Kind& kind, std::string_view line, Moment at);
  std::string next_id(Moment at);

  const KindSet& kinds_;
  Moment now_ = {};  ///< of the step under way
  RedisStore store_;
  Metrics metrics_;
  Gatekeeper keeper_{{}, metrics_};
  unsigned ids_ = 0;
};

std::string percent_encode(std::string_view text);

}  // namespace comporta
