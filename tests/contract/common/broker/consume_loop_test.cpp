#include "common/broker/consume_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include "common/base/error.h"
#include "common/base/text_format.h"
#include "common/base/uuid.h"
#include "common/telemetry/log.h"
#include "tests/contract/common/broker/broker_fixture.h"
#include "tests/contract/common/broker/tcp_gate.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;

/// Settles what it has taken when, and in the order that, the test says.
class TestHandler : public DeliveryHandler {
 public:
  // What the loop's thread calls.
  bool ready() const override { return ready_; }
  void take(Delivery delivery) override {
    const std::lock_guard lock(mutex_);
    open_.push_back(std::move(delivery));
  }
  std::vector<Settlement> work(int, std::chrono::milliseconds) override {
    std::this_thread::sleep_for(1ms);  // stands for waiting
    std::unique_lock lock(mutex_);
    is_held_ = held_.load();
    released_.wait(lock, [this] { return !held_; });
    ++passes_;
    std::vector<Settlement> settlements;
    std::shuffle(open_.begin(), open_.end(), random_);
    for (; !open_.empty() && allowed_ > 0; --allowed_) {
      settlements.push_back(settlement_of(open_.back()));
      open_.pop_back();
    }
    return settlements;
  }
  std::size_t unsettled() const override {
    const std::lock_guard lock(mutex_);
    return open_.size();
  }
  void forget() override {
    const std::lock_guard lock(mutex_);
    open_.clear();
    ++forgotten_;
  }
  void rest() override { ++rests_; }

  // What the test calls.
  int rests() const { return rests_; }
  void be_ready(bool ready) { ready_ = ready; }
  /// Returns when the loop is in work(), where it stays until release().
  bool hold() {
    held_ = true;
    return eventually([this] { return is_held_.load(); });
  }
  void release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    is_held_ = false;
    released_.notify_all();
  }
  void allow(int settlements) {
    const std::lock_guard lock(mutex_);
    allowed_ = settlements;
  }
  /// Every delivery has so many parts that cannot be processed.
  void park(int parts) { parts_to_park_ = parts; }
  void shuffle_with(unsigned seed) { random_.seed(seed); }
  int passes() const {
    const std::lock_guard lock(mutex_);
    return passes_;
  }
  int forgotten() const {
    const std::lock_guard lock(mutex_);
    return forgotten_;
  }

 private:
  Settlement settlement_of(const Delivery& delivery) const {
    Settlement settlement{.tag = delivery.tag};
    for (int part = 1; part <= parts_to_park_; ++part) {
      settlement.parked.push_back({.message_id = delivery.message_id,
                                   .type = delivery.type,
                                   .body = delivery.body + std::to_string(part),
                                   .reason = "cannot be"});
    }
    return settlement;
  }

  mutable std::mutex mutex_;
  std::vector<Delivery> open_;
  int allowed_ = 0;
  int passes_ = 0;
  int forgotten_ = 0;
  std::atomic<int> rests_{0};
  std::atomic<int> parts_to_park_{0};
  std::atomic<bool> ready_{true};
  std::atomic<bool> held_{false};
  std::atomic<bool> is_held_{false};
  std::condition_variable released_;
  std::mt19937 random_;
};

constexpr int kAll = 1'000'000;

class Loop : public BrokerTest {
 protected:
  void SetUp() override {
    BrokerTest::SetUp();
    consume.queue = topology.storage_queue;
    consume.prefetch = 16;
  }
  void TearDown() override {
    finish();
    BrokerTest::TearDown();
  }

  /// Through the gate when there is one.
  void start() {
    BrokerSettings broker = settings;
    if (gate) broker.port = gate->port();
    loop = std::make_unique<ConsumeLoop>(broker, consume, "consume_loop_test", handler, metrics);
    thread = std::thread([this] { loop->run(); });
  }
  /// Past the first message, which is taken alone: from then on the prefetch counts.
  void start_warm() {
    publish(1);
    handler.allow(1);
    start();
    ASSERT_TRUE(eventually_metric("comporta_acknowledged_total", 1));
  }
  void finish() {
    if (!thread.joinable()) return;
    loop->stop();
    thread.join();
  }
  void publish(int messages, const std::string& name = "id-") const {
    AmqpConnection publisher(settings, "consume_loop_test publisher");
    publisher.enable_confirms();
    for (int i = 0; i < messages; ++i) {
      publisher.publish({.exchange = topology.records_exchange,
                         .routing_key = "",
                         .message_id = name + std::to_string(i),
                         .type = "k",
                         .body = "line "});
    }
    for (std::uint64_t confirmed = 0; confirmed < static_cast<std::uint64_t>(messages);) {
      const auto confirm = await<Confirm>(publisher);
      ASSERT_TRUE(confirm && confirm->accepted);
      confirmed = confirm->multiple ? confirm->tag : confirmed + 1;
    }
  }
  /// A connection with the one message of the queue in hand, which has come back so often: each time its
  /// consumer was gone.
  std::unique_ptr<AmqpConnection> consumer_after_returns(int returns) const {
    for (int i = 0;; ++i) {
      auto consumer = std::make_unique<AmqpConnection>(settings, "consume_loop_test flapping");
      consumer->consume(topology.storage_queue, 1);
      const auto delivery = await<Delivery>(*consumer);
      EXPECT_EQ(delivery->delivery_count, static_cast<std::uint64_t>(i));
      if (i == returns) return consumer;
    }
  }
  int metric(const std::string& name) const {
    const std::string text = "\n" + metrics.render();
    const auto line = text.find("\n" + name + " ");
    return line == std::string::npos ? -1 : std::stoi(text.substr(line + name.size() + 2));
  }
  bool eventually_metric(const std::string& name, int value) const {
    return eventually([&] { return metric(name) == value; });
  }

  std::unique_ptr<TcpGate> gate;
  ConsumeSettings consume;
  TestHandler handler;
  Metrics metrics;
  std::unique_ptr<ConsumeLoop> loop;
  std::thread thread;
};

TEST_F(Loop, AcknowledgesEachDeliveryOnceInWhateverOrderItIsSettled) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  handler.shuffle_with(seed);
  publish(200);
  start();
  for (int acknowledged = 5; acknowledged <= 200; acknowledged += 5) {
    handler.allow(5);
    ASSERT_TRUE(eventually_metric("comporta_acknowledged_total", acknowledged));
  }
  EXPECT_TRUE(loop->connected());
  finish();
  EXPECT_FALSE(loop->connected());
  EXPECT_EQ(metric("comporta_deliveries_total"), 200);
  EXPECT_EQ(metric("comporta_redeliveries_total"), 0);
  EXPECT_EQ(metric("comporta_broker_reconnects_total"), 0);
  EXPECT_EQ(left_in(topology.storage_queue), 0u);
}

TEST_F(Loop, MemoryIsGivenBackAlsoByWhoSettlesAtOnceWhatItTakes) {
  handler.allow(kAll);
  publish(20);
  start();
  ASSERT_TRUE(eventually_metric("comporta_acknowledged_total", 20));
  EXPECT_TRUE(eventually([&] { return handler.rests() > 0; }));
}

TEST_F(Loop, WhatIsNeverSettledGoesBackToTheQueue) {
  consume.drain_limit = 1ms;
  start_warm();
  publish(3);
  ASSERT_TRUE(eventually_metric("comporta_deliveries_total", 4));
  finish();
  EXPECT_EQ(metric("comporta_acknowledged_total"), 1);
  EXPECT_EQ(handler.forgotten(), 1);

  AmqpConnection next(settings, "next");
  next.consume(topology.storage_queue, 10);
  for (int i = 0; i < 3; ++i) {
    const auto delivery = await<Delivery>(next);
    ASSERT_TRUE(delivery);
    EXPECT_TRUE(delivery->redelivered);
  }
}

TEST_F(Loop, ABrokerThatIsBusyIsWaitedForAndNotConnectedToAgain) {
  settings.connect_timeout = 500ms;
  gate = std::make_unique<TcpGate>(broker_port());
  handler.be_ready(false);
  handler.allow(kAll);
  publish(1);
  start();
  ASSERT_TRUE(eventually([&] { return loop->connected(); }));
  gate->hold(true);
  handler.be_ready(true);
  // It goes on, for longer than a step of connecting may take.
  ASSERT_TRUE(eventually([&, passes = handler.passes()] { return handler.passes() >= passes + 700; }));
  gate->hold(false);
  EXPECT_TRUE(eventually_metric("comporta_acknowledged_total", 1));
  EXPECT_EQ(metric("comporta_broker_reconnects_total"), 0);
}

TEST_F(Loop, AnOutageIsOverOnlyWhenItConsumes) {
  consume.queue = "nobody";
  start_log("contract", {.level = LogLevel::kInfo, .json = true});
  testing::internal::CaptureStderr();
  start();
  const bool tried = eventually([this] { return metric("comporta_broker_reconnects_total") >= 3; });
  finish();
  const std::string lines = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(tried);
  EXPECT_EQ(std::ranges::count(lines, '\n'), 1) << lines;
}

TEST_F(Loop, StopFinishesWhatWasTakenAndTakesNoMore) {
  start_warm();
  publish(8);
  ASSERT_TRUE(eventually_metric("comporta_deliveries_total", 9));
  loop->stop();
  // The pass that was going on, and one after the broker was told.
  ASSERT_TRUE(eventually([&, passes = handler.passes()] { return handler.passes() >= passes + 2; }));
  publish(4);
  EXPECT_EQ(ready(topology.storage_queue), 4u);
  handler.allow(kAll);
  finish();
  EXPECT_EQ(metric("comporta_deliveries_total"), 9);
  EXPECT_EQ(metric("comporta_acknowledged_total"), 9);
  AmqpConnection next(settings, "next");
  next.consume(topology.storage_queue, 10);
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(await<Delivery>(next)->redelivered);
}

class LoopInOrder : public Loop {
 protected:
  void SetUp() override {
    Loop::SetUp();
    consume.queue = topology.cache_queue;
    consume.in_order = true;
  }
  bool goes_on() {
    return eventually([this, passes = handler.passes()] { return handler.passes() >= passes + 20; });
  }
};

TEST_F(LoopInOrder, ManyAreSentButTheFirstIsHandedOnAlone) {
  publish(5);
  start();
  ASSERT_TRUE(eventually([this] { return ready(topology.cache_queue) == 0; }));
  ASSERT_TRUE(goes_on());
  EXPECT_EQ(handler.unsettled(), 1u);
  handler.allow(1);
  EXPECT_TRUE(eventually([this] { return handler.unsettled() == 4; }));
  handler.allow(kAll);
  EXPECT_TRUE(eventually_metric("comporta_acknowledged_total", 5));
}

TEST_F(LoopInOrder, WhatCameBackOftenIsInHandAloneAndIsNotGivenBack) {
  gate = std::make_unique<TcpGate>(settings.port);
  start_warm();
  publish(4);
  ASSERT_TRUE(eventually([this] { return handler.unsettled() == 4; }));
  for (int cut = 1; cut <= 3; ++cut) {
    gate->cut();
    ASSERT_TRUE(eventually([&] { return handler.forgotten() == cut && handler.unsettled() == 1; })) << cut;
  }
  handler.allow(1);
  ASSERT_TRUE(eventually_metric("comporta_acknowledged_total", 2));
  ASSERT_TRUE(goes_on());
  EXPECT_EQ(handler.unsettled(), 1u);
  EXPECT_EQ(ready(topology.cache_queue), 0u);
  handler.allow(kAll);
  EXPECT_TRUE(eventually_metric("comporta_acknowledged_total", 5));
  EXPECT_EQ(handler.forgotten(), 3);
  EXPECT_EQ(metric("comporta_parked_total"), 0);
}

TEST_F(LoopInOrder, OfThoseThatNobodyLivesToSettleOneAtATimeIsParked) {
  consume.drain_limit = 1ms;
  consume.crash_limit = 5;
  publish(4);
  for (int crash = 1; crash <= 10; ++crash) {
    start();
    ASSERT_TRUE(eventually([this] { return handler.unsettled() == 1; })) << crash;
    finish();
  }
  handler.allow(kAll);
  start();
  ASSERT_TRUE(eventually_metric("comporta_acknowledged_total", 4));
  for (const auto& [id, attempts] : {std::pair("id-0", "6"), std::pair("id-1", "11")}) {
    const auto message = take(topology.cache_queue + ".dead");
    ASSERT_TRUE(message) << id;
    EXPECT_EQ(message->message_id, id);
    EXPECT_EQ(message->headers.at("attempts"), attempts);
  }
  EXPECT_FALSE(take(topology.cache_queue + ".dead"));
}

TEST_F(LoopInOrder, NobodyTakesOverBeforeWhatIsInHandIsDoneWith) {
  start_warm();
  publish(3);
  ASSERT_TRUE(eventually([this] { return handler.unsettled() == 3; }));
  AmqpConnection standby(settings, "standby");
  standby.consume(topology.cache_queue, 10);
  ASSERT_TRUE(await<Consuming>(standby));
  loop->stop();
  ASSERT_TRUE(goes_on());
  publish(1, "later-");
  ASSERT_TRUE(goes_on());
  EXPECT_FALSE(standby.next());
  handler.allow(kAll);
  finish();
  EXPECT_EQ(metric("comporta_acknowledged_total"), 4);
  const auto delivery = await<Delivery>(standby);
  ASSERT_TRUE(delivery);
  EXPECT_EQ(delivery->message_id, "later-0");
}

TEST_F(Loop, ParkedPartsAreInTheDeadQueueWithTheirReason) {
  handler.park(2);
  handler.allow(kAll);
  publish(3);
  start();
  ASSERT_TRUE(eventually_metric("comporta_acknowledged_total", 3));
  finish();
  EXPECT_EQ(metric("comporta_parked_total"), 6);
  EXPECT_EQ(left_in(topology.storage_queue), 0u);
  EXPECT_EQ(ready(topology.storage_queue + ".dead"), 6u);
  EXPECT_EQ(ready(topology.cache_queue + ".dead"), 0u);
  const auto message = take(topology.storage_queue + ".dead");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->type, "k");
  EXPECT_EQ(message->body, "line 1");
  EXPECT_EQ(message->headers.at("reason"), "cannot be");
  EXPECT_EQ(message->headers.at("queue"), topology.storage_queue);
  EXPECT_EQ(message->headers.at("attempts"), "1");
  EXPECT_EQ(message->headers.at("scope"), "part");
  EXPECT_TRUE(parse_date_time(message->headers.at("parked_at")));
  EXPECT_EQ(message->delivery_mode, 2);
}

TEST_F(Loop, AMessageThatNobodyLivesToSettleIsParkedAlone) {
  consume.drain_limit = 1ms;
  publish(4);
  for (int crash = 1; crash <= 10; ++crash) {
    start();
    ASSERT_TRUE(eventually_metric("comporta_deliveries_total", crash));
    finish();
  }
  handler.allow(kAll);
  start();
  ASSERT_TRUE(eventually_metric("comporta_acknowledged_total", 4));
  EXPECT_EQ(metric("comporta_parked_total"), 1);
  const auto message = take(topology.storage_queue + ".dead");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->message_id, "id-0");
  EXPECT_EQ(message->body, "line ");
  EXPECT_EQ(message->headers.at("attempts"), "11");
  EXPECT_EQ(message->headers.at("scope"), "message");
  EXPECT_NE(message->headers.at("reason").find("10 times"), std::string::npos);
}

TEST_F(Loop, WhatCameBackTogetherIsTakenOneByOne) {
  gate = std::make_unique<TcpGate>(settings.port);
  start_warm();
  publish(4);
  for (int cut = 1; cut <= 3; ++cut) {
    ASSERT_TRUE(eventually([&] { return handler.unsettled() == 4; }));
    gate->cut();
    ASSERT_TRUE(eventually([&] { return handler.forgotten() == cut; }));
  }
  ASSERT_TRUE(eventually([&] { return handler.forgotten() == 4; }));  // seen to be suspicious
  ASSERT_TRUE(eventually([&] { return handler.unsettled() == 1; }));
  EXPECT_EQ(ready(topology.storage_queue), 3u);
  handler.allow(kAll);
  ASSERT_TRUE(eventually_metric("comporta_acknowledged_total", 5));
  EXPECT_EQ(metric("comporta_parked_total"), 0);
}

TEST_F(Loop, WhatCameBackOftenIsNotAcknowledgedWithWhatComesBehindIt) {
  gate = std::make_unique<TcpGate>(settings.port);
  start_warm();
  gate->refuse(true);
  gate->cut();
  ASSERT_TRUE(eventually([&] { return handler.forgotten() == 1; }));
  // Sent to one that the broker does not know to be gone, it would come back once more.
  ASSERT_TRUE(eventually([&] { return consumers(topology.storage_queue) == 0; }));
  while (take(topology.storage_queue)) {
    // The first one, if its acknowledgement went with the connection.
  }
  publish(1, "often-");
  auto flapping = consumer_after_returns(2);
  gate->refuse(false);
  ASSERT_TRUE(eventually([&] { return consumers(topology.storage_queue) == 2; }));
  ASSERT_TRUE(handler.hold());
  flapping.reset();  // the third
  publish(3, "behind-");
  ASSERT_TRUE(eventually([&] { return ready(topology.storage_queue) == 0; }));
  handler.allow(kAll);
  handler.release();  // all four come in one pass
  ASSERT_TRUE(eventually_metric("comporta_acknowledged_total", 1 + 4));
  EXPECT_EQ(metric("comporta_parked_total"), 0);
  finish();
  EXPECT_EQ(left_in(topology.storage_queue), 0u);
}

TEST_F(Loop, AStandbyTakesOverBehindWhatIsInHand) {
  consume.queue = topology.cache_queue;  // of which one at a time consumes
  handler.allow(1);
  AmqpConnection standby(settings, "consume_loop_test standby");
  start();
  ASSERT_TRUE(eventually([&] { return consumers(topology.cache_queue) == 1; }));
  standby.consume(topology.cache_queue, 10);
  publish(3);
  // The loop ends its consumer of one, to begin another: the standby's turn.
  EXPECT_EQ(await<Delivery>(standby)->message_id, "id-1");
  EXPECT_EQ(await<Delivery>(standby)->message_id, "id-2");
  EXPECT_TRUE(eventually_metric("comporta_acknowledged_total", 1));
  EXPECT_EQ(metric("comporta_deliveries_total"), 1);
}

TEST_F(Loop, WhatALivingDaemonHoldsIsNotParkedHoweverOftenItsConnectionIsCut) {
  consume.crash_limit = 5;
  gate = std::make_unique<TcpGate>(settings.port);
  publish(1);
  start();
  for (int cut = 1; cut <= 7; ++cut) {
    ASSERT_TRUE(eventually([&] { return handler.unsettled() == 1; })) << cut;
    gate->cut();
    ASSERT_TRUE(eventually([&] { return handler.forgotten() == cut; }));
  }
  handler.allow(kAll);
  ASSERT_TRUE(eventually_metric("comporta_acknowledged_total", 1));
  EXPECT_EQ(metric("comporta_parked_total"), 0);
  EXPECT_EQ(metric("comporta_redeliveries_total"), 7);
}

TEST_F(Loop, AHandlerThatIsNotReadyIsGivenNothingAgainAfterACut) {
  gate = std::make_unique<TcpGate>(settings.port);
  publish(1);
  start();
  ASSERT_TRUE(eventually([&] { return handler.unsettled() == 1; }));
  handler.be_ready(false);
  gate->cut();
  ASSERT_TRUE(eventually_metric("comporta_broker_reconnects_total", 1));
  ASSERT_TRUE(eventually([&, passes = handler.passes()] { return handler.passes() > passes + 20; }));
  EXPECT_EQ(left_in(topology.storage_queue), 1u);
  handler.be_ready(true);
  handler.allow(kAll);
  ASSERT_TRUE(eventually_metric("comporta_acknowledged_total", 1));
}

TEST_F(Loop, NothingIsTakenBeforeTheHandlerIsReady) {
  handler.be_ready(false);
  handler.allow(kAll);
  publish(1);
  start();
  ASSERT_TRUE(eventually([&] { return loop->connected() && handler.passes() > 20; }));
  EXPECT_EQ(consumers(topology.storage_queue), 0u);
  handler.be_ready(true);
  ASSERT_TRUE(eventually_metric("comporta_acknowledged_total", 1));
}

TEST_F(Loop, ItIsKnownSinceWhenSomethingWaits) {
  handler.be_ready(false);
  const std::string name = new_uuid_v7().substr(0, 35);  // without its last digit
  publish(1, name);
  const auto published = uuid_v7_time(name + "0");
  start();
  ASSERT_TRUE(eventually([&] { return loop->behind_since().has_value(); })) << "it waits in the queue";
  EXPECT_GT(*loop->behind_since(), *published) << "nobody has looked at it";
  handler.be_ready(true);
  EXPECT_TRUE(eventually([&] { return loop->behind_since() == published; })) << "it is in hand";
  handler.allow(1);
  EXPECT_TRUE(eventually([&] { return !loop->behind_since(); }));
}

TEST_F(Loop, NothingIsAcknowledgedBeforeItsPartsAreParked) {
  gate = std::make_unique<TcpGate>(settings.port);
  consume.drain_limit = 1ms;
  handler.park(1);
  publish(1);
  start();
  ASSERT_TRUE(eventually_metric("comporta_deliveries_total", 1));
  gate->refuse(true);  // the connection that parking needs
  handler.allow(kAll);
  ASSERT_TRUE(eventually([&] { return gate->refused() >= 2; }));
  EXPECT_EQ(metric("comporta_acknowledged_total"), 0);
  EXPECT_EQ(metric("comporta_parked_total"), 0);
  finish();
  EXPECT_EQ(left_in(topology.storage_queue), 1u);
}

TEST_F(Loop, ParkingGoesOnWhenTheBrokerTakesItAgain) {
  gate = std::make_unique<TcpGate>(settings.port);
  start_warm();
  handler.park(3);
  publish(2);
  ASSERT_TRUE(eventually_metric("comporta_deliveries_total", 3));
  gate->refuse(true);
  handler.allow(kAll);
  ASSERT_TRUE(eventually([&] { return gate->refused() >= 1; }));
  gate->refuse(false);
  ASSERT_TRUE(eventually_metric("comporta_acknowledged_total", 3));
  EXPECT_EQ(metric("comporta_parked_total"), 6);
  EXPECT_EQ(metric("comporta_broker_reconnects_total"), 0);
  EXPECT_EQ(ready(topology.storage_queue + ".dead"), 6u);
}

TEST_F(Loop, AMissingDeadQueueIsMadeAgainBeforeAnythingIsAcknowledged) {
  handler.park(1);
  handler.allow(1);
  publish(2);
  start();
  ASSERT_TRUE(eventually_metric("comporta_acknowledged_total", 1));  // the parking connection is open
  delete_queue(topology.storage_queue + ".dead");
  handler.allow(kAll);
  ASSERT_TRUE(eventually_metric("comporta_acknowledged_total", 2));
  EXPECT_EQ(metric("comporta_parked_total"), 2);
  EXPECT_EQ(ready(topology.storage_queue + ".dead"), 1u);
}

TEST_F(Loop, AfterACutEverythingUnsettledComesAgainAndIsAcknowledged) {
  gate = std::make_unique<TcpGate>(settings.port);
  start_warm();
  publish(10);
  ASSERT_TRUE(eventually_metric("comporta_deliveries_total", 11));
  handler.allow(4);
  ASSERT_TRUE(eventually_metric("comporta_acknowledged_total", 5));
  gate->cut();
  ASSERT_TRUE(eventually([&] { return handler.forgotten() == 1; }));
  handler.allow(kAll);
  // The cut may have swallowed acknowledgements: some of the four may come again too.
  ASSERT_TRUE(eventually([&] {
    return metric("comporta_redeliveries_total") >= 6 &&
           metric("comporta_acknowledged_total") == metric("comporta_deliveries_total") - 6;
  }));
  EXPECT_EQ(metric("comporta_broker_reconnects_total"), 1);
  finish();
  EXPECT_EQ(left_in(topology.storage_queue), 0u);
}

TEST_F(Loop, ADeletedQueueIsMadeAgainAndConsumed) {
  handler.allow(kAll);
  start();
  ASSERT_TRUE(eventually([&] { return loop->connected(); }));
  delete_queue(topology.storage_queue);
  ASSERT_TRUE(eventually_metric("comporta_broker_reconnects_total", 1));
  publish(1);
  ASSERT_TRUE(eventually_metric("comporta_acknowledged_total", 1));
}

TEST_F(Loop, TheBrokerMayComeLater) {
  gate = std::make_unique<TcpGate>(settings.port);
  gate->refuse(true);
  start();
  ASSERT_TRUE(eventually([&] { return gate->refused() >= 2; }));
  EXPECT_FALSE(loop->connected());
  gate->refuse(false);
  ASSERT_TRUE(eventually([&] { return loop->connected(); }));
  EXPECT_EQ(metric("comporta_broker_reconnects_total"), 0);
}

TEST_F(Loop, StopEndsALoopThatHasNoBroker) {
  gate = std::make_unique<TcpGate>(settings.port);
  gate->refuse(true);
  start();
  ASSERT_TRUE(eventually([&] { return gate->refused() >= 1; }));
  finish();
  EXPECT_FALSE(loop->connected());
}

}  // namespace
}  // namespace comporta
