// A store that can be read and takes nothing: the archive is not ready before it takes something again.

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "common/broker/consume_loop.h"
#include "services/storage/archive.h"
#include "services/storage/s3_store.h"
#include "tests/contract/common/broker/broker_fixture.h"
#include "tests/contract/common/broker/tcp_gate.h"
#include "tests/support/batches.h"
#include "tests/support/scripted_server.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;
using test::ScriptedServer;

/// A store that answers what is written with this status.
struct Refusing {
  ScriptedServer::Answer answer(const std::string& request) {
    if (request.starts_with("GET ")) return {};
    ++writes;
    return {.status = status};
  }

  std::atomic<int> status{200};
  std::atomic<int> writes{0};
  ScriptedServer server{[this](const std::string& request) { return answer(request); }};
  S3Writer writer{{.endpoint = server.endpoint(),
                   .bucket = "bucket",
                   .credentials = {.access_key = "key", .secret_key = "secret", .region = "us-east-1"},
                   .connect_timeout = 5s,
                   .request_timeout = 5s},
                  4};
  Metrics metrics;
  Archive archive{writer, {.retry_first = 1ms, .retry_limit = 5ms}, metrics};
};

class StoreRefusing : public testing::TestWithParam<int>, protected Refusing {
 protected:
  void take(std::uint64_t returns) {
    Delivery delivery;
    delivery.tag = returns + 1;
    delivery.delivery_count = returns;
    delivery.message_id = test::batch_id(1);
    delivery.type = "user";
    delivery.body = "{\"part\":1}\n";
    archive.take(std::move(delivery));
  }
  /// As the consume loop does; false when it does not come to be.
  bool work_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      for (Settlement& settlement : archive.work(-1, 5ms)) settled.push_back(std::move(settlement));
    }
    return true;
  }

  std::vector<Settlement> settled;
};

TEST_P(StoreRefusing, AMessageThatWasGivenBackIsNotTakenAgainBeforeTheStoreTakesWrites) {
  ASSERT_TRUE(work_until([&] { return archive.ready(); }));
  status = GetParam();
  take(0);
  ASSERT_TRUE(work_until([&] { return !archive.ready(); }));
  archive.forget();
  ASSERT_TRUE(work_until([&, before = writes.load()] { return writes >= before + 3 || archive.ready(); }));
  EXPECT_FALSE(archive.ready());
  status = 200;
  ASSERT_TRUE(work_until([&] { return archive.ready(); }));
  take(1);
  ASSERT_TRUE(work_until([&] { return !settled.empty(); }));
  EXPECT_TRUE(settled[0].parked.empty());
}

TEST_P(StoreRefusing, ADaemonThatStartsMeanwhileIsNotReady) {
  status = GetParam();
  EXPECT_TRUE(work_until([&] { return writes >= 3 || archive.ready(); }));
  EXPECT_FALSE(archive.ready());
}

class StoreRefusingLoop : public BrokerTest, protected Refusing {};

TEST_F(StoreRefusingLoop, AMessageOutlivesMoreCutsThanTheCrashLimitAllows) {
  AmqpConnection publisher(settings, "refused_writes_test");
  publisher.enable_confirms();
  publisher.publish({.exchange = topology.records_exchange,
                     .routing_key = "",
                     .message_id = test::batch_id(1),
                     .type = "user",
                     .body = "{\"part\":1}\n"});
  ASSERT_TRUE(await<Confirm>(publisher)->accepted);
  TcpGate gate(settings.port);
  settings.port = gate.port();
  const ConsumeSettings consume{.queue = topology.storage_queue, .crash_limit = 5};
  ConsumeLoop loop(settings, consume, "refused_writes_test", archive, metrics);
  status = 507;
  std::thread consumer([&] { loop.run(); });
  for (int cut = 1; cut <= 8; ++cut) {
    const std::string connections = "comporta_broker_reconnects_total " + std::to_string(cut - 1) + "\n";
    EXPECT_TRUE(eventually(
        [&] { return loop.connected() && metrics.render().find(connections) != std::string::npos; }));
    EXPECT_TRUE(eventually([&, before = writes.load()] { return writes > before; }));
    gate.cut();
  }
  settings.port = broker_port();
  EXPECT_EQ(ready(topology.storage_queue + ".dead"), 0u);
  status = 200;
  EXPECT_TRUE(eventually(
      [&] { return metrics.render().find("comporta_acknowledged_total 1\n") != std::string::npos; }));
  loop.stop();
  consumer.join();
  EXPECT_NE(metrics.render().find("comporta_parked_total 0\n"), std::string::npos);
  EXPECT_NE(metrics.render().find("comporta_redeliveries_total 0\n"), std::string::npos)
      << "it stayed in the queue";
}

INSTANTIATE_TEST_SUITE_P(Each, StoreRefusing, testing::Values(403, 500, 503, 507));

}  // namespace
}  // namespace comporta
