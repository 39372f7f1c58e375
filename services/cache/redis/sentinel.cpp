#include "services/cache/redis/sentinel.h"

#include <charconv>

#include "common/base/error.h"

namespace comporta {
namespace {

Address ask(const Address& sentinel, const RedisServer& server) {
  RedisConnection connection({.host = sentinel.host,
                              .port = sentinel.port,
                              .password = server.sentinel_password,
                              .timeout = server.timeout});
  RedisCommands question;
  question.command(3).argument("SENTINEL").argument("GET-MASTER-ADDR-BY-NAME").argument(server.master);
  connection.send(question);
  const RedisReply reply = connection.receive();
  if (reply.size() != 2) throw TransientError("Redis: there is no master of that name");
  const std::string_view port = reply[1].text();
  Address master{std::string(reply[0].text()), 0};
  std::from_chars(port.data(), port.data() + port.size(), master.port);
  return master;
}

}  // namespace

Address find_master(const RedisServer& server) {
  std::string failures;
  for (const Address& sentinel : server.sentinels) {
    try {
      return ask(sentinel, server);
    } catch (const TransientError& error) {
      failures += (failures.empty() ? "" : "; ") + text_of(sentinel) + ": " + error.what();
    }
  }
  throw TransientError("no sentinel says where Redis is: " + failures);
}

void expect_master(RedisConnection& connection) {
  RedisCommands question;
  connection.send(question.command(1).argument("ROLE"));
  const RedisReply role = connection.receive();
  if (role.size() == 0 || role[0].text() != "master") throw TransientError("Redis: it is no master any more");
}

}  // namespace comporta
