#include "common/broker/watched_connection.h"

namespace comporta {

AmqpConnection& WatchedConnection::open(const BrokerSettings& settings, const std::string& name) {
  close();
  put(std::make_unique<AmqpConnection>(settings, name));
  return *connection_;
}

void WatchedConnection::close() {
  put(nullptr);
}

void WatchedConnection::watch(std::chrono::milliseconds limit) {
  const std::lock_guard lock(mutex_);
  if (connection_) connection_->watch(limit);
}

/// The former one says goodbye behind the lock, which takes up to a second.
void WatchedConnection::put(std::unique_ptr<AmqpConnection> connection) {
  {
    const std::lock_guard lock(mutex_);
    connection_.swap(connection);
  }
}

}  // namespace comporta
