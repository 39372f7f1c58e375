#pragma once
// A connection that its owner opens and closes while another thread watches over it.

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "common/broker/connection.h"

namespace comporta {

/// Belongs to one thread, but for watch().
class WatchedConnection {
 public:
  /// Throws TransientError, with nothing open.
  AmqpConnection& open(const BrokerSettings& settings, const std::string& name);
  void close();
  /// Null when there is none.
  AmqpConnection* get() { return connection_.get(); }
  /// Any thread: AmqpConnection::watch() of the one that is open.
  void watch(std::chrono::milliseconds limit);

 private:
  void put(std::unique_ptr<AmqpConnection> connection);

  std::mutex mutex_;  ///< of the pointer: watch() uses it while its owner may change it
  std::unique_ptr<AmqpConnection> connection_;
};

}  // namespace comporta
