#pragma once
// The kinds of tests/data/reactions and a store of its own for them.

#include <string>
#include <vector>

#include "services/cache/reactions/outbox.h"
#include "services/cache/redis/store.h"
#include "tests/contract/cache/redis/redis_access.h"
#include "tests/support/cache/sample_batches.h"
#include "tests/support/cache/sample_reaction.h"

namespace comporta {

class ReactingRedis {
 public:
  ReactingRedis() = default;
  /// Removes what lies beside the prefix.
  ~ReactingRedis() {
    const RedisReply keys = redis.ask({"KEYS", redis.prefix() + "-reactions:*"});
    for (std::size_t i = 0; i < keys.size(); ++i) redis.ask({"DEL", std::string(keys[i].text())});
  }
  ReactingRedis(const ReactingRedis&) = delete;
  ReactingRedis& operator=(const ReactingRedis&) = delete;

  /// What became of the first part.
  PartResult apply(const std::string& kind, const std::vector<SamplePart>& parts) {
    const auto results = store.apply(sample_group(*kinds.find(kind), {{.parts = parts}}));
    while (store.has_more()) store.go_on();
    return results.front();
  }
  static SamplePart order(const std::string& records) { return {.records = records}; }
  static SamplePart outcome(const std::string& id, const std::string& status = "open") {
    return {.records = R"({"id":")" + id + R"(","order":"o1","status":")" + status + R"("})",
            .principal = "reaction/" + id,
            .roles = {"reactor"}};
  }
  std::vector<std::string> waiting(const Reaction& reaction) { return outbox.look({&reaction}).front().ids; }

  KindSet kinds = reacting_kinds();
  RedisAccess redis;
  RedisStore store{redis.settings(), make_view_libraries(kinds, redis.prefix())};
  RedisOutbox outbox{redis.settings().server, redis.prefix(), std::chrono::seconds(5)};
  const Reaction charge = sample_reaction("charge");
  const Reaction tell = sample_reaction("tell");
};

}  // namespace comporta
