#include "common/broker/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <random>

#include "common/base/error.h"
#include "tests/contract/common/broker/broker_fixture.h"
#include "tests/contract/common/broker/tcp_gate.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Amqp : public BrokerTest {
 protected:
  std::unique_ptr<AmqpConnection> connect() const {
    return std::make_unique<AmqpConnection>(settings, "amqp_test");
  }
  std::unique_ptr<AmqpConnection> connect_publisher() const {
    auto connection = connect();
    connection->enable_confirms();
    return connection;
  }
  std::uint64_t publish(AmqpConnection& connection, const std::string& id, std::string_view body,
                        bool compressed = false) const {
    return connection.publish({.exchange = topology.records_exchange,
                               .routing_key = "",
                               .message_id = id,
                               .type = "k",
                               .body = body,
                               .compressed = compressed});
  }
  void publish_confirmed(const std::string& id, std::string_view body = "body") const {
    const auto connection = connect_publisher();
    publish(*connection, id, body);
    const auto confirm = await<Confirm>(*connection);
    ASSERT_TRUE(confirm && confirm->accepted);
  }
  /// What connecting is refused with; empty if it is not.
  std::string refusal() const {
    try {
      connect();
    } catch (const TransientError& error) {
      return error.what();
    }
    return "";
  }
};

/// What next() ends with.
std::string end_of(AmqpConnection& connection) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  try {
    while (std::chrono::steady_clock::now() < deadline) {
      while (connection.next()) {
      }
      connection.wait(-1, 100ms);
    }
  } catch (const TransientError& error) {
    return error.what();
  }
  return "it did not end";
}

TEST_F(Amqp, PublishesToBothQueuesAndConfirms) {
  const auto publisher = connect_publisher();
  EXPECT_EQ(publish(*publisher, "one", "first"), 1u);
  EXPECT_EQ(publish(*publisher, "two", "second"), 2u);
  std::uint64_t confirmed = 0;
  while (confirmed < 2) {
    const auto confirm = await<Confirm>(*publisher);
    ASSERT_TRUE(confirm && confirm->accepted);
    confirmed = confirm->multiple ? confirm->tag : confirmed + 1;
  }
  EXPECT_EQ(ready(topology.storage_queue), 2u);
  EXPECT_EQ(ready(topology.cache_queue), 2u);
}

TEST_F(Amqp, MessagesArePersistentAndSayWhatTheyAre) {
  const auto before = static_cast<std::uint64_t>(std::time(nullptr));
  const auto publisher = connect_publisher();
  publisher->publish({.exchange = topology.records_exchange,
                      .routing_key = "",
                      .message_id = "0193",
                      .type = "transaction",
                      .headers = {{"cloudEvents_source", "/door"}, {"parts", "2"}},
                      .body = "line\n"});
  ASSERT_TRUE(await<Confirm>(*publisher));
  const auto message = take(topology.storage_queue);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->delivery_mode, 2);
  EXPECT_EQ(message->message_id, "0193");
  EXPECT_EQ(message->type, "transaction");
  EXPECT_EQ(message->content_type, "application/x-ndjson");
  EXPECT_EQ(message->app_id, "comporta");
  EXPECT_EQ(message->body, "line\n");
  EXPECT_GE(message->timestamp, before);
  EXPECT_EQ(message->headers.at("cloudEvents_source"), "/door");
  EXPECT_EQ(message->headers.at("parts"), "2");
}

TEST_F(Amqp, WhatNoQueueTakesIsReturnedBeforeItsConfirm) {
  const auto publisher = connect_publisher();
  publisher->publish({.exchange = topology.dead_exchange,
                      .routing_key = "nobody",
                      .message_id = "lost",
                      .type = "k",
                      .body = std::string(200'000, 'x')});
  std::vector<AmqpEvent> events;
  ASSERT_TRUE(eventually([&] {
    while (auto event = publisher->next()) events.push_back(std::move(*event));
    return events.size() == 2;
  }));
  ASSERT_TRUE(std::holds_alternative<Returned>(events[0]));
  EXPECT_EQ(std::get<Returned>(events[0]).message_id, "lost");
  EXPECT_EQ(std::get<Returned>(events[0]).reason, "NO_ROUTE");
  ASSERT_TRUE(std::holds_alternative<Confirm>(events[1]));
  EXPECT_EQ(std::get<Confirm>(events[1]).tag, 1u);
  EXPECT_TRUE(std::get<Confirm>(events[1]).accepted);
}

TEST_F(Amqp, AFullQueueRefuses) {
  settings.queue_max_bytes = 10'000;
  const auto publisher = connect_publisher();
  bool refused = false;
  for (int i = 0; i < 50 && !refused; ++i) {
    publish(*publisher, std::to_string(i), std::string(5'000, 'x'));
    const auto confirm = await<Confirm>(*publisher);
    ASSERT_TRUE(confirm);
    refused = !confirm->accepted;
  }
  EXPECT_TRUE(refused);
}

TEST_F(Amqp, WhatIsNotAcknowledgedComesAgainToTheNextConnection) {
  publish_confirmed("again");
  {
    const auto first = connect();
    first->consume(topology.storage_queue, 10);
    const auto delivery = await<Delivery>(*first);
    ASSERT_TRUE(delivery);
    EXPECT_FALSE(delivery->redelivered);
    EXPECT_EQ(delivery->delivery_count, 0u);
    EXPECT_EQ(delivery->message_id, "again");
    EXPECT_EQ(delivery->type, "k");
  }
  const auto second = connect();
  second->consume(topology.storage_queue, 10);
  const auto delivery = await<Delivery>(*second);
  ASSERT_TRUE(delivery);
  EXPECT_TRUE(delivery->redelivered);
  EXPECT_EQ(delivery->delivery_count, 1u);
  EXPECT_EQ(delivery->body, "body");
}

TEST_F(Amqp, WhatIsAcknowledgedDoesNotComeAgain) {
  for (const char* id : {"1", "2", "3"}) publish_confirmed(id);
  {
    const auto connection = connect();
    connection->consume(topology.storage_queue, 10);
    ASSERT_EQ(await<Delivery>(*connection)->tag, 1u);
    ASSERT_EQ(await<Delivery>(*connection)->tag, 2u);
    ASSERT_EQ(await<Delivery>(*connection)->tag, 3u);
    connection->ack(3, false);
    connection->ack(2, true);
  }
  EXPECT_EQ(left_in(topology.storage_queue), 0u);
  EXPECT_EQ(ready(topology.cache_queue), 3u);
}

TEST_F(Amqp, ThePrefetchLimitsWhatIsUnacknowledged) {
  for (int i = 0; i < 5; ++i) publish_confirmed(std::to_string(i));
  const auto connection = connect();
  connection->consume(topology.storage_queue, 2);
  int deliveries = 0;
  std::optional<std::uint64_t> waiting;
  ASSERT_TRUE(eventually([&] {
    connection->request_depth(topology.storage_queue);
    waiting.reset();
    while (!waiting) {
      connection->wait(-1, 100ms);
      while (auto event = connection->next()) {
        if (std::holds_alternative<Delivery>(*event)) ++deliveries;
        if (const auto* depth = std::get_if<QueueDepth>(&*event)) waiting = depth->messages;
      }
    }
    return deliveries >= 2;
  }));
  EXPECT_EQ(deliveries, 2);
  EXPECT_EQ(waiting, 3u);
  connection->ack(1, false);
  EXPECT_EQ(await<Delivery>(*connection)->tag, 3u);
}

TEST_F(Amqp, AQueueThatIsNotThereEndsTheConnectionOfItsConsumer) {
  const auto connection = connect();
  connection->consume("nobody", 10);
  EXPECT_THAT(end_of(*connection), HasSubstr("404"));
}

TEST_F(Amqp, StopConsumingLeavesTheRestInTheQueue) {
  const auto connection = connect();
  connection->consume(topology.storage_queue, 10);
  ASSERT_TRUE(await<Consuming>(*connection));
  connection->stop_consuming();
  connection->request_depth(topology.storage_queue);
  ASSERT_TRUE(await<QueueDepth>(*connection));
  publish_confirmed("later");
  connection->request_depth(topology.storage_queue);
  EXPECT_EQ(await<QueueDepth>(*connection)->messages, 1u);
}

TEST_F(Amqp, DepthIsAnsweredAsAnEvent) {
  const auto connection = connect();
  connection->request_depth(topology.cache_queue);
  const auto empty = await<QueueDepth>(*connection);
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->queue, topology.cache_queue);
  EXPECT_EQ(empty->messages, 0u);
}

TEST_F(Amqp, AQueueDeletedUnderItsConsumerEndsTheConnection) {
  const auto connection = connect();
  connection->consume(topology.storage_queue, 1);
  ASSERT_TRUE(await<Consuming>(*connection));
  delete_queue(topology.storage_queue);
  EXPECT_THAT(end_of(*connection), HasSubstr("its queue is gone"));
}

TEST_F(Amqp, AskingForTheDepthOfADeletedQueueEndsTheConnectionAndTheNextDeclaresIt) {
  const auto connection = connect();
  delete_queue(topology.cache_queue);
  connection->request_depth(topology.cache_queue);
  EXPECT_THAT(end_of(*connection), HasSubstr("404"));
  const auto next = connect();
  next->request_depth(topology.cache_queue);
  EXPECT_EQ(await<QueueDepth>(*next)->messages, 0u);
}

TEST_F(Amqp, BodiesOfEverySizeComeBackAsTheyWere) {
  constexpr std::size_t kFrameBodyBytes = 131'072 - 8;
  const std::vector<std::size_t> sizes{
      0, 1, kFrameBodyBytes - 1, kFrameBodyBytes, kFrameBodyBytes + 1, 2 * kFrameBodyBytes, 1024 * 1024};
  const auto publisher = connect_publisher();
  const auto consumer = connect();
  consumer->consume(topology.storage_queue, 1);
  for (const std::size_t size : sizes) {
    std::string body(size, '\0');
    for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<char>(i * 7 + i / 251);
    publish(*publisher, std::to_string(size), body);
    const auto delivery = await<Delivery>(*consumer);
    ASSERT_TRUE(delivery);
    EXPECT_EQ(delivery->message_id, std::to_string(size));
    EXPECT_TRUE(delivery->body == body) << size << " bytes";
    consumer->ack(delivery->tag, false);
  }
}

TEST_F(Amqp, WhatTravelsCompressedComesAsItWas) {
  std::string lines;
  while (lines.size() < 300'000) lines += R"({"id":"tx-)" + std::to_string(lines.size()) + "\"}\n";
  const std::string small = lines.substr(0, 1'000);
  const auto publisher = connect_publisher();
  for (const std::string& body : {lines, small}) publish(*publisher, "packed", body, true);
  for (const Delivery& delivery :
       {consume(topology.storage_queue, 2).at(0), consume(topology.cache_queue, 2).at(0)}) {
    EXPECT_TRUE(delivery.body == lines);
    EXPECT_EQ(delivery.fault, "");
  }
}

// The property by which any other consumer knows what to do.
TEST_F(Amqp, OnlyWhatGetsSmallerIsCompressed) {
  const auto publisher = connect_publisher();
  std::string noise(10'000, '\0');
  std::minstd_rand source(7);
  for (char& byte : noise) byte = static_cast<char>(source() >> 8);
  for (const std::string& body : {std::string(10'000, 'x'), std::string(1'000, 'x'), noise}) {
    publish(*publisher, "packed", body, true);
    const auto confirm = await<Confirm>(*publisher);
    ASSERT_TRUE(confirm && confirm->accepted);
  }
  const auto packed = take(topology.storage_queue);
  ASSERT_TRUE(packed);
  EXPECT_EQ(packed->content_encoding, "lz4");
  EXPECT_LT(packed->body.size(), 1'000U);
  for (const std::string& body : {std::string(1'000, 'x'), noise}) {
    const auto plain = take(topology.storage_queue);
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->content_encoding, "");
    EXPECT_TRUE(plain->body == body);
  }
}

TEST_F(Amqp, OnlyOneConsumerOfTheCacheQueueIsActive) {
  auto active = connect();
  active->consume(topology.cache_queue, 10);
  ASSERT_TRUE(await<Consuming>(*active));
  const auto standby = connect();
  standby->consume(topology.cache_queue, 10);
  ASSERT_TRUE(await<Consuming>(*standby));
  for (int i = 0; i < 10; ++i) publish_confirmed(std::to_string(i));
  for (std::uint64_t tag = 1; tag <= 10; ++tag) ASSERT_EQ(await<Delivery>(*active)->tag, tag);
  EXPECT_FALSE(standby->next());

  active.reset();
  for (int i = 0; i < 10; ++i) {
    const auto delivery = await<Delivery>(*standby);
    ASSERT_TRUE(delivery);
    EXPECT_TRUE(delivery->redelivered);
    EXPECT_EQ(delivery->message_id, std::to_string(i));
  }
}

TEST_F(Amqp, ClassicQueuesWorkToo) {
  settings.queue_type = "classic";
  publish_confirmed("classic");
  const auto connection = connect();
  connection->consume(topology.storage_queue, 1);
  EXPECT_EQ(await<Delivery>(*connection)->message_id, "classic");
}

TEST_F(Amqp, ARefusedLogInNamesTheBrokerAndTheUserButNotThePassword) {
  settings.password = "s3cr3t-w0rd";
  const std::string text = refusal();
  EXPECT_THAT(text, HasSubstr("127.0.0.1:" + std::to_string(settings.port)));
  EXPECT_THAT(text, HasSubstr("refuses the user `guest` or its password"));
  EXPECT_THAT(text, Not(HasSubstr(settings.password)));
}

TEST_F(Amqp, AMissingVhostIsNamed) {
  settings.vhost = "no-such-vhost";
  EXPECT_THAT(refusal(), HasSubstr("no-such-vhost"));
}

TEST_F(Amqp, AQueueOfOtherArgumentsIsNamedWithWhatTheBrokerSays) {
  connect();
  settings.queue_max_bytes /= 2;
  const std::string text = refusal();
  EXPECT_THAT(text,
              HasSubstr("declare queue " + topology.storage_queue + ": it exists with other arguments"));
  EXPECT_THAT(text, HasSubstr("PRECONDITION_FAILED"));
  EXPECT_THAT(text, HasSubstr("x-max-length-bytes"));
}

TEST_F(Amqp, WhereNobodyListensTheStepIsNamed) {
  TcpGate gate(settings.port);
  gate.refuse(true);
  settings.port = gate.port();
  EXPECT_THAT(refusal(), HasSubstr("broker 127.0.0.1:" + std::to_string(gate.port()) + ": log in: "));
  settings.port = 1;
  EXPECT_THAT(refusal(), HasSubstr("broker 127.0.0.1:1: connect: "));
}

TEST_F(Amqp, OfSeveralAddressesOneThatAnswersIsTaken) {
  const std::string alive = "127.0.0.1:" + std::to_string(broker_port());
  settings.host = "127.0.0.1:1," + alive + ",127.0.0.1:2";
  for (int i = 0; i < 10; ++i) EXPECT_EQ(connect()->address(), alive);
  settings.host = "127.0.0.1:1,127.0.0.1:2";
  EXPECT_THAT(refusal(), AllOf(HasSubstr("broker 127.0.0.1:1: "), HasSubstr("broker 127.0.0.1:2: ")));
}

TEST_F(Amqp, ABrokerThatSaysNothingIsNotWaitedForLong) {
  TcpGate gate(settings.port);
  gate.hold(true);
  settings.port = gate.port();
  settings.connect_timeout = 100ms;
  EXPECT_THAT(refusal(), HasSubstr("log in"));
}

TEST_F(Amqp, ACutConnectionEndsWithAnError) {
  TcpGate gate(settings.port);
  settings.port = gate.port();
  const auto connection = connect();
  gate.cut();
  EXPECT_THAT(end_of(*connection), HasSubstr("read: "));
}

TEST_F(Amqp, ABrokerThatFallsSilentIsNoticedByItsHeartbeats) {
  TcpGate gate(settings.port);
  settings.port = gate.port();
  settings.heartbeat = 1s;
  const auto connection = connect();
  gate.hold(true);
  EXPECT_THAT(end_of(*connection), HasSubstr("heartbeat"));
}

TEST_F(Amqp, AbortFreesAPublishThatABrokerHoldsUp) {
  TcpGate gate(settings.port);
  settings.port = gate.port();
  const auto publisher = connect_publisher();
  gate.hold(true);
  std::atomic<int> published{0};
  auto blocked = std::async(std::launch::async, [&] {
    const std::string body(1024 * 1024, 'x');
    try {
      for (int i = 0; i < 1'000; ++i, ++published) publish(*publisher, "id", body);
    } catch (const TransientError& error) {
      return std::string(error.what());
    }
    return std::string("never blocked");
  });
  // The kernel's buffers take the first few; when the count stands still, publish() is blocked.
  int last = -1;
  while (published != std::exchange(last, published.load())) blocked.wait_for(300ms);
  EXPECT_NE(blocked.wait_for(0s), std::future_status::ready);
  publisher->abort();
  ASSERT_EQ(blocked.wait_for(kPatience), std::future_status::ready);
  EXPECT_THAT(blocked.get(), HasSubstr("publish: "));
}

}  // namespace
}  // namespace comporta
