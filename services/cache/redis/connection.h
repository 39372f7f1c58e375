#pragma once
// One connection to a Redis server (6.2 or later). The only place that knows hiredis. One thread.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/addresses.h"
#include "services/cache/redis/commands.h"

namespace comporta {

struct RedisServer {
  std::string host = "127.0.0.1";
  std::uint16_t port = 6379;
  std::string user = {};                   ///< empty: Redis' default user
  std::string password = {};               ///< empty: no AUTH
  std::chrono::milliseconds timeout{500};  ///< to connect, and for each answer
  std::vector<Address> sentinels = {};     ///< they say where it is (sentinel.h); none: at `host` and `port`
  std::string master = "comporta";         ///< what they call it
  std::string sentinel_password = {};      ///< empty: no AUTH
};

/// What one reply holds, flat, for a reply may have ten thousands of elements. The elements of a list lie
/// side by side; the reply itself is the first node.
struct RedisNodes {
  enum class Type : std::uint8_t { kNil, kText, kError, kNumber, kList };
  struct Node {
    Type type = Type::kNil;
    std::int64_t number = 0;
    std::size_t begin = 0;  ///< of its piece of `text`, or the index of its first element
    std::size_t size = 0;
  };

  std::vector<Node> nodes;
  std::string text;
};

/// A reply, or an element of one. Refers to its owner, a RedisReply.
class RedisValue {
 public:
  RedisValue(const RedisNodes& nodes, std::size_t index) : nodes_(&nodes), index_(index) {}
  bool is_nil() const;
  std::string_view error() const;  ///< empty unless it is an error; only receive_any() gives those
  std::string_view text() const;   ///< empty unless it is text
  std::int64_t number() const;     ///< 0 unless it is a number
  std::size_t size() const;        ///< elements of a list; 0 otherwise
  RedisValue operator[](std::size_t index) const;

 private:
  const RedisNodes::Node& node() const { return nodes_->nodes[index_]; }

  const RedisNodes* nodes_;
  std::size_t index_;
};

class RedisReply : public RedisValue {
 public:
  explicit RedisReply(std::unique_ptr<RedisNodes> nodes) : RedisValue(*nodes, 0), owner_(std::move(nodes)) {}

 private:
  std::unique_ptr<RedisNodes> owner_;
};

/// Everything throws TransientError when the connection fails, a time is over, or the server answers with
/// an error, even one inside EXEC's list; the message names the error's code only. After that the
/// connection is of no use any more.
class RedisConnection {
 public:
  /// Connects and logs in; where there are sentinels, to the master, of which it makes sure.
  explicit RedisConnection(const RedisServer& server);
  ~RedisConnection();
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  /// Whether it is good for nothing any more, while no reply is awaited: the server has closed it since.
  bool is_over() const;
  /// Returns when all of it is written.
  void send(const RedisCommands& commands);
  /// The reply to the next command in the order of sending.
  RedisReply receive();
  /// The same, an error of the server being a reply, too, after which the connection is as good as before.
  RedisReply receive_any();
  /// Receives that many, and keeps nothing of them.
  void skip(std::size_t replies);
  /// The same for the replies to commands behind MULTI.
  void skip_queued(std::size_t replies);

 private:
  struct Impl;

  void log_in(const RedisServer& server);

  std::unique_ptr<Impl> impl_;
};

}  // namespace comporta
