#pragma once
// One connection to a Redis server (7 or later). The only place that knows hiredis. One thread.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "services/cache/redis_commands.h"

struct redisReply;

namespace comporta {

struct RedisServer {
  std::string host = "127.0.0.1";
  std::uint16_t port = 6379;
  std::string user;                        ///< empty: Redis' default user
  std::string password;                    ///< empty: no AUTH
  std::chrono::milliseconds timeout{500};  ///< to connect, and for each answer
};

/// A reply, or an element of one. Refers to its owner, a RedisReply.
class RedisValue {
 public:
  explicit RedisValue(const redisReply* reply) : reply_(reply) {}
  bool is_nil() const;
  std::string_view error() const;  ///< empty unless it is an error; only receive_any() gives those
  std::string_view text() const;   ///< empty unless it is text
  std::int64_t number() const;     ///< 0 unless it is a number
  std::size_t size() const;        ///< elements of a list; 0 otherwise
  RedisValue operator[](std::size_t index) const;

 private:
  const redisReply* reply_;
};

struct FreeRedisReply {
  void operator()(redisReply* reply) const;
};

class RedisReply : public RedisValue {
 public:
  explicit RedisReply(redisReply* reply) : RedisValue(reply), owner_(reply) {}

 private:
  std::unique_ptr<redisReply, FreeRedisReply> owner_;
};

/// Everything throws TransientError when the connection fails, a time is over, or the server answers with
/// an error, even one inside EXEC's list; the message names the error's code only. After that the
/// connection is of no use any more.
class RedisConnection {
 public:
  /// Connects and logs in.
  explicit RedisConnection(const RedisServer& server);
  ~RedisConnection();
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  /// Written by the next receive() at the latest.
  void send(const RedisCommands& commands);
  /// Returns when all of it is written.
  void flush();
  /// The reply to the next command in the order of sending.
  RedisReply receive();
  /// The same, an error of the server being a reply, too, after which the connection is as good as before.
  RedisReply receive_any();
  void skip(std::size_t replies);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace comporta
