// The replies of a real Redis, many at a time.

#include "services/cache/redis/connection.h"

#include <gtest/gtest.h>

#include "common/base/error.h"
#include "tests/contract/cache/redis/redis_access.h"

namespace comporta {
namespace {

constexpr std::size_t kMany = 30'000;  // their replies are several times what is read at once

class RedisConnectionTest : public ::testing::Test {
 protected:
  /// `count` commands behind MULTI, and EXEC.
  void send_transaction(std::size_t count, std::string_view command = "SET") {
    RedisCommands commands;
    commands.command(1).argument("MULTI");
    for (std::size_t i = 0; i < count; ++i)
      commands.command(3).argument(command).argument(access_.prefix(), ":key").argument(i);
    commands.command(1).argument("EXEC");
    connection_.send(commands);
    connection_.skip(1);
  }
  void expect_answer() {
    RedisCommands commands;
    connection_.send(commands.command(1).argument("PING"));
    EXPECT_EQ(connection_.receive().text(), "PONG");
  }

  RedisAccess access_;
  RedisConnection connection_{access_.settings().server};
};

TEST_F(RedisConnectionTest, RepliesToQueuedCommandsAreSkippedAndNoOthers) {
  for (const std::size_t count :
       {std::size_t{1}, std::size_t{7'282}, kMany}) {  // 7,282: just above one reading
    send_transaction(count);
    connection_.skip_queued(count);
    const RedisReply done = connection_.receive();
    ASSERT_EQ(done.size(), count);
    EXPECT_EQ(done[count - 1].text(), "OK");
    expect_answer();
  }
}

// Whoever waits for more than comes gets it when the time is over, and no sooner.
TEST_F(RedisConnectionTest, AShortReplyBehindThemIsNotWaitedFor) {
  send_transaction(kMany);
  connection_.skip_queued(kMany);
  connection_.skip(1);
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) expect_answer();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, access_.settings().server.timeout);
}

TEST_F(RedisConnectionTest, AnErrorAmongThemIsThrown) {
  send_transaction(kMany, "NO-SUCH-COMMAND");
  EXPECT_THROW(connection_.skip_queued(kMany), TransientError);
}

}  // namespace
}  // namespace comporta
