#pragma once
// What a store in Redis has a connection by.

#include <memory>
#include <utility>

#include "services/cache/redis/connection.h"

namespace comporta {

/// Connects at the first call, and again at the first call after a failure, or after the server has closed
/// the connection: what restarted while nobody asked is noticed by nobody. One thread.
class RedisClient {
 protected:
  explicit RedisClient(RedisServer server) : server_(std::move(server)) {}
  ~RedisClient() = default;

  /// Calls `work`, whose commands_ are empty. A connection that failed may have replies under way: never used
  /// again.
  template <typename Work>
  auto with_connection(Work work) {
    try {
      if (connection_ && connection_->is_over()) connection_.reset();
      if (connection_ == nullptr) connection_ = std::make_unique<RedisConnection>(server_);
      commands_.clear();
      return work();
    } catch (...) {
      connection_.reset();
      throw;
    }
  }

  std::unique_ptr<RedisConnection> connection_;
  RedisCommands commands_;

 private:
  const RedisServer server_;
};

}  // namespace comporta
