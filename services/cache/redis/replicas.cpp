#include "services/cache/redis/replicas.h"

#include "common/base/error.h"

namespace comporta {

void Replicas::ask(RedisCommands& commands) const {
  if (wanted_ == 0) return;
  const auto limit = patience_ * 4 / 5;  // so that it is an answer, and not the time, that is over
  commands.command(3).argument("WAIT").argument(static_cast<std::size_t>(wanted_));
  commands.argument(static_cast<std::size_t>(limit.count()));
}

void Replicas::expect(RedisConnection& connection) const {
  if (wanted_ == 0) return;
  if (connection.receive().number() < wanted_) throw TransientError("Redis: too few replicas have it");
}

void Replicas::confirm(RedisConnection& connection, std::string_view key, std::string_view value) const {
  if (wanted_ == 0) return;
  RedisCommands commands;
  commands.command(3).argument("SET").argument(key).argument(value);
  ask(commands);
  connection.send(commands);
  connection.skip(1);
  expect(connection);
}

}  // namespace comporta
