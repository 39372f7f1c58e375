#pragma once
// How the views read from Redis.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/cache/redis/client.h"
#include "services/cache/redis/connection.h"
#include "services/cache/redis/view_data.h"

namespace comporta {

/// Asks on a connection of its own, at once: what a transaction on another one has written so far is not
/// there yet. Connects when it is first asked, and again behind a failure.
class ReadsAtOnce : public RedisReader, private RedisClient {
 public:
  explicit ReadsAtOnce(RedisServer server) : RedisClient(std::move(server)) {}
  RedisValue ask(const std::vector<std::string_view>& command) override;
  void disconnect() { connection_.reset(); }

 private:
  std::optional<RedisReply> reply_;
};

/// For what may be called again: what is not known is nothing for now, and noted. Then all that has been
/// asked so far is asked again, in one transaction, so that what is known is of one moment. Who reads what is
/// named in a list, one after the other, is taken to want all of it.
class ReadsTogether : public RedisReader {
 public:
  RedisValue ask(const std::vector<std::string_view>& command) override;
  /// Whether what was asked since the last fetch() was all known.
  bool is_complete() const { return missing_ == 0; }
  void fetch(RedisConnection& connection);

 private:
  void read_ahead(std::string_view key);

  std::map<std::string, std::optional<RedisValue>, std::less<>> answers_;  ///< by the bytes of the command
  std::optional<RedisReply> all_;                                          ///< what they are parts of
  std::size_t missing_ = 0;
  RedisCommands asked_;
};

}  // namespace comporta
