#pragma once
// A topology of its own on the real broker, removed at the end of each test.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/broker/connection.h"

namespace comporta {

/// Generous: it is only waited for by a test that fails.
inline constexpr std::chrono::seconds kPatience{20};

/// Polls until `condition` holds; false when the patience is over.
bool eventually(const std::function<bool()>& condition);

/// A message as it lies in a queue, with what AmqpConnection does not show.
struct RawMessage {
  std::string message_id;
  std::string type;
  std::string content_type;
  std::string content_encoding;
  std::string app_id;
  std::string body;
  std::map<std::string, std::string> headers;
  int delivery_mode = 0;
  std::uint64_t timestamp = 0;
};

class BrokerTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// Past AmqpConnection, as an operator would.
  static std::uint16_t broker_port();
  void delete_queue(const std::string& queue) const;
  /// Makes `queue`, which must not be there, as one that takes nothing, bound to the exchange.
  void declare_full_queue(const std::string& queue, const std::string& exchange,
                          const std::string& routing_key) const;
  std::uint64_t ready(const std::string& queue) const;
  std::uint64_t consumers(const std::string& queue) const;
  /// What is ready when the last consumer's unacknowledged deliveries are back in the queue.
  std::uint64_t left_in(const std::string& queue) const;
  /// Takes the first message out of `queue`.
  std::optional<RawMessage> take(const std::string& queue) const;
  /// Takes `count` messages out, as a consumer does.
  std::vector<Delivery> consume(const std::string& queue, std::size_t count) const;

  BrokerSettings settings;  ///< with a random prefix
  Topology topology{""};
};

/// The next event of type `Event` within the patience; others before it are dropped.
template <typename Event>
std::optional<Event> await(AmqpConnection& connection) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    while (std::optional<AmqpEvent> event = connection.next()) {
      if (auto* wanted = std::get_if<Event>(&*event)) return std::move(*wanted);
    }
    connection.wait(-1, std::chrono::milliseconds(100));
  }
  ADD_FAILURE() << "the event did not come";
  return std::nullopt;
}

}  // namespace comporta
