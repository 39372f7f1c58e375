#include "tests/contract/common/broker/broker_fixture.h"

#include <amqp.h>
#include <amqp_tcp_socket.h>

#include <array>
#include <cstdlib>
#include <random>
#include <thread>

namespace comporta {
namespace {

constexpr amqp_channel_t kChannel = 1;

std::string text_of(amqp_bytes_t bytes) {
  return bytes.len == 0 ? std::string() : std::string(static_cast<const char*>(bytes.bytes), bytes.len);
}

/// A connection for one errand.
class RawConnection {
 public:
  explicit RawConnection(std::uint16_t port) : state_(amqp_new_connection()) {
    amqp_socket_t* socket = amqp_tcp_socket_new(state_);
    EXPECT_EQ(amqp_socket_open(socket, "127.0.0.1", port), AMQP_STATUS_OK);
    amqp_login(state_, "/", 0, 131'072, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest");
    amqp_channel_open(state_, kChannel);
    EXPECT_EQ(amqp_get_rpc_reply(state_).reply_type, AMQP_RESPONSE_NORMAL);
  }
  ~RawConnection() {
    amqp_connection_close(state_, AMQP_REPLY_SUCCESS);
    amqp_destroy_connection(state_);
  }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;
  amqp_connection_state_t state() const { return state_; }

 private:
  amqp_connection_state_t state_;
};

/// The broker's answer to a passive declaration.
amqp_queue_declare_ok_t state_of(const std::string& queue, std::uint16_t port) {
  const RawConnection connection(port);
  const auto* answer = amqp_queue_declare(connection.state(), kChannel, amqp_cstring_bytes(queue.c_str()),
                                          /*passive=*/1, 0, 0, 0, amqp_empty_table);
  if (answer != nullptr) return {{}, answer->message_count, answer->consumer_count};
  ADD_FAILURE() << "no queue " << queue;
  return {};
}

RawMessage raw_message_of(const amqp_message_t& message) {
  const amqp_basic_properties_t& properties = message.properties;
  RawMessage raw{.message_id = text_of(properties.message_id),
                 .type = text_of(properties.type),
                 .content_type = text_of(properties.content_type),
                 .content_encoding = text_of(properties.content_encoding),
                 .app_id = text_of(properties.app_id),
                 .body = text_of(message.body),
                 .headers = {},
                 .delivery_mode = properties.delivery_mode,
                 .timestamp = properties.timestamp};
  for (int i = 0; i < properties.headers.num_entries; ++i) {
    const amqp_table_entry_t& entry = properties.headers.entries[i];
    if (entry.value.kind == AMQP_FIELD_KIND_UTF8) {
      raw.headers[text_of(entry.key)] = text_of(entry.value.value.bytes);
    }
  }
  return raw;
}

}  // namespace

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

std::uint16_t BrokerTest::broker_port() {
  const char* port = std::getenv("COMPORTA_TEST_AMQP_PORT");
  return port == nullptr ? std::uint16_t{0} : static_cast<std::uint16_t>(std::atoi(port));
}

void BrokerTest::SetUp() {
  ASSERT_NE(broker_port(), 0) << "COMPORTA_TEST_AMQP_PORT names the broker that the tests use";
  settings.port = broker_port();
  settings.password = "guest";
  settings.connect_timeout = kPatience;  // the machine may be busy
  settings.prefix = "comporta-test-" + std::to_string(std::random_device{}());
  topology = Topology(settings.prefix);
}

void BrokerTest::TearDown() {
  if (broker_port() == 0) return;
  const RawConnection connection(broker_port());
  for (const std::string& queue : {topology.storage_queue, topology.cache_queue}) {
    const std::string dead = queue + ".dead";
    amqp_queue_delete(connection.state(), kChannel, amqp_cstring_bytes(queue.c_str()), 0, 0);
    amqp_queue_delete(connection.state(), kChannel, amqp_cstring_bytes(dead.c_str()), 0, 0);
  }
  for (const std::string& exchange : {topology.records_exchange, topology.dead_exchange}) {
    amqp_exchange_delete(connection.state(), kChannel, amqp_cstring_bytes(exchange.c_str()), 0);
  }
}

void BrokerTest::delete_queue(const std::string& queue) const {
  const RawConnection connection(broker_port());
  amqp_queue_delete(connection.state(), kChannel, amqp_cstring_bytes(queue.c_str()), 0, 0);
  EXPECT_EQ(amqp_get_rpc_reply(connection.state()).reply_type, AMQP_RESPONSE_NORMAL);
}

void BrokerTest::declare_full_queue(const std::string& queue, const std::string& exchange,
                                    const std::string& routing_key) const {
  const RawConnection connection(broker_port());
  std::array<amqp_table_entry_t, 2> arguments{};
  arguments[0].key = amqp_cstring_bytes("x-max-length");
  arguments[0].value.kind = AMQP_FIELD_KIND_I64;
  arguments[0].value.value.i64 = 0;
  arguments[1].key = amqp_cstring_bytes("x-overflow");
  arguments[1].value.kind = AMQP_FIELD_KIND_UTF8;
  arguments[1].value.value.bytes = amqp_cstring_bytes("reject-publish");
  amqp_queue_declare(connection.state(), kChannel, amqp_cstring_bytes(queue.c_str()), 0, /*durable=*/1, 0, 0,
                     {static_cast<int>(arguments.size()), arguments.data()});
  EXPECT_EQ(amqp_get_rpc_reply(connection.state()).reply_type, AMQP_RESPONSE_NORMAL);
  amqp_queue_bind(connection.state(), kChannel, amqp_cstring_bytes(queue.c_str()),
                  amqp_cstring_bytes(exchange.c_str()), amqp_cstring_bytes(routing_key.c_str()),
                  amqp_empty_table);
  EXPECT_EQ(amqp_get_rpc_reply(connection.state()).reply_type, AMQP_RESPONSE_NORMAL);
}

std::uint64_t BrokerTest::ready(const std::string& queue) const {
  return state_of(queue, broker_port()).message_count;
}

std::uint64_t BrokerTest::consumers(const std::string& queue) const {
  return state_of(queue, broker_port()).consumer_count;
}

std::uint64_t BrokerTest::left_in(const std::string& queue) const {
  EXPECT_TRUE(eventually([&] { return consumers(queue) == 0; }));
  return ready(queue);
}

std::optional<RawMessage> BrokerTest::take(const std::string& queue) const {
  const RawConnection connection(broker_port());
  const amqp_rpc_reply_t reply =
      amqp_basic_get(connection.state(), kChannel, amqp_cstring_bytes(queue.c_str()), /*no_ack=*/1);
  if (reply.reply_type != AMQP_RESPONSE_NORMAL || reply.reply.id != AMQP_BASIC_GET_OK_METHOD) return {};
  amqp_message_t message;
  if (amqp_read_message(connection.state(), kChannel, &message, 0).reply_type != AMQP_RESPONSE_NORMAL) {
    return {};
  }
  RawMessage raw = raw_message_of(message);
  amqp_destroy_message(&message);
  return raw;
}

std::vector<Delivery> BrokerTest::consume(const std::string& queue, std::size_t count) const {
  AmqpConnection connection(settings, "test");
  connection.consume(queue, 10);
  std::vector<Delivery> deliveries;
  while (deliveries.size() < count) {
    auto delivery = await<Delivery>(connection);
    if (!delivery) break;
    connection.ack(delivery->tag, false);
    deliveries.push_back(std::move(*delivery));
  }
  return deliveries;
}

}  // namespace comporta
