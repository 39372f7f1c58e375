#pragma once
// What other servers must have, too, before it counts as written: Redis' WAIT.

#include <chrono>
#include <string_view>

#include "services/cache/redis/connection.h"

namespace comporta {

/// All of it does nothing where no replicas are wanted.
class Replicas {
 public:
  /// `patience`: of whoever waits for an answer.
  Replicas(int wanted, std::chrono::milliseconds patience) : wanted_(wanted), patience_(patience) {}

  /// Behind what they are to have, on the same connection: it is about what that has written.
  void ask(RedisCommands& commands) const;
  /// Receives the answer. Throws TransientError when too few have it: it may be lost, and may be not.
  void expect(RedisConnection& connection) const;
  /// Of what is there, perhaps without anybody having heard that they have it: writes `value` to `key`, and
  /// waits until they have that, and so all before it.
  void confirm(RedisConnection& connection, std::string_view key, std::string_view value) const;

 private:
  int wanted_;
  std::chrono::milliseconds patience_;
};

}  // namespace comporta
