#pragma once
// What waits to be asked of others: an interface here, and in Redis. What it is is written by the views
// (views/prelude/reactions.lua), and taken away by them when its outcome has come. What became of its tries
// lies beside the prefix, where a replay leaves it alone:
//
//   <prefix>-reactions:state:<id>   a ReactionState, for 30 days
//   <prefix>-reactions:orders       hash: id -> `retry` or `give-up`, from the operator
//   <prefix>-reactions:holder       who works it off, while it is there

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/cache/reactions/call.h"
#include "services/cache/redis/client.h"

namespace comporta {

using WallMs = std::chrono::time_point<WallClock, std::chrono::milliseconds>;

/// How far one has come. A plain value.
struct ReactionState {
  std::int64_t tries = 0;
  WallMs due = {};         ///< nothing is done before
  std::string error = {};  ///< of the last try; for people
  std::optional<Outcome> outcome = {};
  bool uploaded = false;  ///< and so it is only waited for until it is applied

  std::string to_json() const;
  static ReactionState read(std::string_view json);
};

/// One that waits.
struct WaitingReaction {
  std::string with;  ///< the arguments, a JSON object
  ReactionState state = {};
  std::string trace = {};  ///< the traceparent of the part that led to it; empty: that is not sampled
};

/// Of one reaction of a kind.
struct WaitingLine {
  std::size_t count = 0;
  std::optional<WallMs> oldest = {};  ///< when the record came that has waited longest
  std::vector<std::string> ids = {};  ///< of those that have waited longest, kMostInSight at most
};

/// One thread. Each call blocks for a round trip. Throws TransientError when the store is away.
class Outbox {
 public:
  static constexpr std::size_t kMostInSight = 1'000;

  virtual ~Outbox() = default;
  /// Whether this one is the one that works it off, from now on for the length of a lease.
  virtual bool hold() = 0;
  /// Another one may do so at once.
  virtual void let_go() = 0;
  /// Of each, in their order.
  virtual std::vector<WaitingLine> look(const std::vector<const Reaction*>& reactions) = 0;
  /// Nothing for those that do not wait any more.
  virtual std::vector<std::optional<WaitingReaction>> read(const Reaction& reaction,
                                                           const std::vector<std::string>& ids) = 0;
  virtual void save(const std::string& id, const ReactionState& state) = 0;
  virtual void forget(const std::vector<std::string>& ids) = 0;
  /// Of the operator, by id.
  virtual std::map<std::string, std::string> orders() = 0;
  virtual void order_is_done(const std::string& id) = 0;
};

/// In Redis, which all cache daemons share.
class RedisOutbox : public Outbox, private RedisClient {
 public:
  RedisOutbox(RedisServer server, const std::string& prefix, std::chrono::milliseconds lease);

  bool hold() override;
  void let_go() override;
  std::vector<WaitingLine> look(const std::vector<const Reaction*>& reactions) override;
  std::vector<std::optional<WaitingReaction>> read(const Reaction& reaction,
                                                   const std::vector<std::string>& ids) override;
  void save(const std::string& id, const ReactionState& state) override;
  void forget(const std::vector<std::string>& ids) override;
  std::map<std::string, std::string> orders() override;
  void order_is_done(const std::string& id) override;

 private:
  const std::string prefix_;
  const std::string own_;
  const std::chrono::milliseconds lease_;
  const std::string token_ = new_uuid_v7();
};

}  // namespace comporta
