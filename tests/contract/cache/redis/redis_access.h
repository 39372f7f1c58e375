#pragma once
// The real Redis that the contract tests use, under a prefix of their own.

#include <csignal>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/uuid.h"
#include "services/cache/redis/connection.h"
#include "services/cache/redis/store.h"

namespace comporta {

inline std::uint16_t redis_port() {
  const char* port = std::getenv("COMPORTA_TEST_REDIS_PORT");
  if (port == nullptr) throw std::runtime_error("COMPORTA_TEST_REDIS_PORT is not set");
  return static_cast<std::uint16_t>(std::stoi(port));
}

/// Looks behind the store's back; removes everything under its prefix at the end. Any thread.
class RedisAccess {
 public:
  RedisAccess() { std::signal(SIGPIPE, SIG_IGN); }
  ~RedisAccess() {
    for (const std::string& key : keys()) ask({"DEL", key});
  }

  const std::string& prefix() const { return prefix_; }

  RedisStoreSettings settings() const {
    RedisStoreSettings settings;
    settings.server.port = redis_port();
    settings.server.timeout = std::chrono::seconds(10);  // the machine may be busy
    settings.prefix = prefix_;
    return settings;
  }

  RedisReply ask(const std::vector<std::string>& words) {
    RedisCommands commands;
    commands.command(words.size());
    for (const std::string& word : words) commands.argument(word);
    const std::lock_guard lock(mutex_);
    connection_.send(commands);
    return connection_.receive();
  }

  std::vector<std::string> keys() {
    std::vector<std::string> all;
    const RedisReply reply = ask({"KEYS", prefix_ + ":*"});
    for (std::size_t i = 0; i < reply.size(); ++i) all.emplace_back(reply[i].text());
    return all;
  }

  std::string record_key(const std::string& key) const { return prefix_ + ":record:transaction:" + key; }

 private:
  static RedisServer server() {
    RedisServer server;
    server.port = redis_port();
    server.timeout = std::chrono::seconds(10);
    return server;
  }

  std::mutex mutex_;
  std::string prefix_ = "test-" + new_uuid_v7();
  RedisConnection connection_{server()};
};

}  // namespace comporta
