#include "services/cache/redis/commands.h"

#include <gtest/gtest.h>

namespace comporta {
namespace {

TEST(RedisCommands, AreOnTheWireAsTheProtocolSays) {
  RedisCommands commands;
  commands.command(3).argument("SET").argument("a:", "ç\r\n").argument(1'234);
  commands.command(1).argument("PING");
  EXPECT_EQ(commands.bytes(),
            "*3\r\n$3\r\nSET\r\n$6\r\na:ç\r\n\r\n$4\r\n1234\r\n"
            "*1\r\n$4\r\nPING\r\n");
  EXPECT_EQ(commands.count(), 2U);
}

TEST(RedisCommands, StartAnewAfterClear) {
  RedisCommands commands;
  commands.command(1).argument("PING");
  commands.clear();
  commands.command(2).argument("GET").argument("");
  EXPECT_EQ(commands.bytes(), "*2\r\n$3\r\nGET\r\n$0\r\n\r\n");
  EXPECT_EQ(commands.count(), 1U);
}

}  // namespace
}  // namespace comporta
