#include "common/broker/parker.h"

#include <gtest/gtest.h>

#include <future>

#include "tests/contract/common/broker/broker_fixture.h"
#include "tests/contract/common/broker/tcp_gate.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;
using Tags = std::vector<std::uint64_t>;

/// More than the sockets on the way to the broker hold; RabbitMQ 4 takes no message over 16 MiB.
constexpr std::size_t kTooMuchBytes = std::size_t{15} << 20;

class ParkerTest : public BrokerTest {
 protected:
  void SetUp() override {
    BrokerTest::SetUp();
    gate = std::make_unique<TcpGate>(settings.port);
    BrokerSettings through_gate = settings;
    through_gate.port = gate->port();
    parker = std::make_unique<Parker>(through_gate, "parker_test", topology.storage_queue,
                                      metrics.counter("comporta_parked_total", "Parked."),
                                      metrics.counter("comporta_records_parked_total", "Records of it."));
  }
  void add(std::uint64_t tag, std::size_t bytes = 10) const {
    parker->add(
        {.tag = tag,
         .parked = {
             {.message_id = "id", .type = "k", .body = std::string(bytes, 'x'), .reason = "cannot be"}}});
  }
  /// What is confirmed until nothing is left to park.
  Tags work_until_idle() const {
    Tags all;
    EXPECT_TRUE(eventually([&] {
      for (const std::uint64_t tag : parker->work()) all.push_back(tag);
      return parker->idle();
    }));
    return all;
  }

  std::unique_ptr<TcpGate> gate;
  Metrics metrics;
  std::unique_ptr<Parker> parker;
};

TEST_F(ParkerTest, APublishThatTheBrokerDoesNotReadIsCutOffAndTriedAgain) {
  add(1);
  EXPECT_EQ(work_until_idle(), Tags{1});
  gate->hold(true);
  add(2, kTooMuchBytes);
  auto blocked = std::async(std::launch::async, [&] { return parker->work(); });
  // The operating system would end it after 15 s, by itself.
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (blocked.wait_for(10ms) != std::future_status::ready && std::chrono::steady_clock::now() < deadline) {
    parker->watch(50ms);
  }
  ASSERT_EQ(blocked.wait_for(0s), std::future_status::ready);
  EXPECT_EQ(blocked.get(), Tags{});
  EXPECT_FALSE(parker->idle());
  gate->hold(false);
  EXPECT_EQ(work_until_idle(), Tags{2});
  EXPECT_EQ(ready(topology.storage_queue + ".dead"), 2u);
}

TEST_F(ParkerTest, NothingIsReportedBeforeTheBrokerHasConfirmedIt) {
  add(1);
  EXPECT_EQ(work_until_idle(), Tags{1});
  gate->hold_replies();
  add(2);
  ASSERT_TRUE(eventually([&] {
    EXPECT_EQ(parker->work(), Tags{});
    return ready(topology.storage_queue + ".dead") == 2;
  }));
  EXPECT_EQ(parker->work(), Tags{});
  gate->cut();
  EXPECT_EQ(work_until_idle(), Tags{2}) << "published again, as its confirm is lost";
}

TEST_F(ParkerTest, WhatTheDeadQueueRefusesIsNotReported) {
  add(1);
  EXPECT_EQ(work_until_idle(), Tags{1});
  const std::string dead = topology.storage_queue + ".dead";
  delete_queue(dead);
  declare_full_queue(dead, topology.dead_exchange, topology.storage_queue);
  add(2);
  EXPECT_EQ(parker->work(), Tags{});
  int passes = 0;
  EXPECT_TRUE(eventually([&] {
    EXPECT_EQ(parker->work(), Tags{});
    return ++passes > 50;
  }));
  delete_queue(dead);
  EXPECT_EQ(work_until_idle(), Tags{2});
  EXPECT_EQ(ready(dead), 1u);
}

TEST_F(ParkerTest, WhatIsForgottenIsNotReported) {
  add(1);
  EXPECT_EQ(work_until_idle(), Tags{1});
  gate->hold_replies();
  add(2);
  EXPECT_EQ(parker->work(), Tags{});
  gate->cut();
  parker->forget();
  EXPECT_TRUE(parker->idle());
  add(3);
  EXPECT_EQ(work_until_idle(), Tags{3});
}

}  // namespace
}  // namespace comporta
