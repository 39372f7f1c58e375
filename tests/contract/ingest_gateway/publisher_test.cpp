// The publisher against a real broker: what is answered, and when.

#include "services/ingest-gateway/publisher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <sstream>

#include "tests/contract/common/broker/broker_fixture.h"
#include "tests/contract/common/broker/tcp_gate.h"
#include "tests/unit/ingest_gateway/uploads.h"

namespace comporta::gateway {
namespace {

using namespace std::chrono_literals;

class PublisherTest : public BrokerTest {
 protected:
  void start() {
    publisher = std::make_unique<Publisher>(
        settings, publishing, [this](const Upload&, const std::string&) { ++confirmed; }, metrics);
    ASSERT_TRUE(eventually([this] { return publisher->connected(); }));
  }
  std::shared_ptr<Upload> submit(std::size_t records, std::size_t bytes = 100) {
    auto upload = upload_of(clients, records, bytes);
    if (auto place = publisher->place(upload->bytes())) upload->place = std::move(*place);
    publisher->submit(upload);
    return upload;
  }
  /// A full batch that cannot be compressed.
  void submit_noise() {
    auto upload = upload_of(clients, 1'000, 900);
    for (char& byte : upload->body) byte = static_cast<char>(' ' + random() % 64);
    publisher->submit(std::move(upload));
  }
  /// The statuses of the next `count` answers.
  std::vector<int> statuses(std::size_t count) {
    std::vector<int> heard;
    EXPECT_TRUE(eventually([&] {
      for (const HttpResponse& answer : clients.answers()) heard.push_back(answer.status);
      return heard.size() >= count;
    })) << "heard "
        << heard.size() << " of " << count;
    return heard;
  }

  /// How each line in the queue begins, up to its part's number.
  std::set<std::string> parts_in(const std::string& queue) {
    std::set<std::string> parts;
    for (const Delivery& delivery : consume(queue, ready(queue))) {
      std::istringstream lines(delivery.body);
      for (std::string line; std::getline(lines, line);)
        parts.insert(line.substr(0, line.find(",\"parts\"")));
    }
    return parts;
  }

  void expect_refusal_behind_messages() {
    start();
    for (int i = 0; i < 3; ++i) {
      submit(1);
      statuses(1);
    }
    EXPECT_TRUE(eventually([this] { return publisher->refusal().find("too much") != std::string::npos; }));
    consume(topology.storage_queue, 3);
    consume(topology.cache_queue, 3);
    EXPECT_TRUE(eventually([this] { return publisher->refusal().empty(); }));
  }

  Metrics metrics;
  PublisherSettings publishing;
  Clients clients;
  std::atomic<int> confirmed{0};
  std::mt19937 random{7};
  std::unique_ptr<Publisher> publisher;
};

TEST_F(PublisherTest, AnUploadThatIsAnswered202IsInBothQueues) {
  start();
  const auto upload = submit(3);
  EXPECT_EQ(statuses(1), std::vector{202});
  EXPECT_EQ(confirmed, 1);
  const auto message = take(topology.storage_queue);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->message_id, upload->batches.at(0));
  EXPECT_EQ(message->type, "transaction");
  EXPECT_EQ(message->delivery_mode, 2);
  EXPECT_EQ(message->headers.at("records"), "3");
  EXPECT_TRUE(is_part_of(message->body, upload->header.upload));
  const auto deliveries = consume(topology.cache_queue, 1);
  ASSERT_EQ(deliveries.size(), 1U);
  EXPECT_EQ(deliveries[0].message_id, message->message_id);
  EXPECT_EQ(deliveries[0].body, message->body);
}

// Would fail if an upload were answered when it is sent, and not when it is confirmed.
TEST_F(PublisherTest, WhatTheBrokerRefusesIsNeverAnswered202) {
  settings.queue_max_bytes = 20'000;
  start();
  std::size_t yes = 0;
  std::size_t no = 0;
  for (int i = 0; i < 60 && no < 5; ++i) {
    submit(10, 200);  // too little to be compressed
    (statuses(1).at(0) == 202 ? yes : no) += 1;
  }
  EXPECT_GE(no, 5U) << "a full queue refuses";
  EXPECT_GE(ready(topology.storage_queue), yes);
  EXPECT_EQ(static_cast<std::size_t>(confirmed), yes);
}

TEST_F(PublisherTest, AnUploadOfManyMessagesThatAreAllRefusedIsAnsweredOnce) {
  settings.queue_max_bytes = 20'000;
  start();
  int refused = 0;
  for (int i = 0; i < 60 && refused < 3; ++i) {
    submit(5'000, 500);  // three messages
    refused += statuses(1).at(0) == 503 ? 1 : 0;
  }
  EXPECT_EQ(refused, 3) << "a full queue refuses";
  submit(1);
  EXPECT_EQ(statuses(1), std::vector{503}) << "all answers before it have been heard";
}

// Else a client that repeats at once finds nobody who remembers its key.
TEST_F(PublisherTest, AnUploadIsRememberedBeforeItsClientIsAnswered) {
  std::atomic<std::size_t> answered_before{0};
  publisher = std::make_unique<Publisher>(
      settings, publishing,
      [&](const Upload&, const std::string&) { answered_before = clients.answers().size() + 100; }, metrics);
  ASSERT_TRUE(eventually([this] { return publisher->connected(); }));
  submit(1);
  EXPECT_EQ(statuses(1), std::vector{202});
  EXPECT_EQ(answered_before, 100U);
}

// A channel may go on refusing though its queues are well again; a new one does not.
TEST_F(PublisherTest, AConnectionThatOnlyRefusesIsMadeAnew) {
  settings.queue_max_bytes = 20'000;
  TcpGate gate(settings.port);
  settings.port = gate.port();
  start();
  gate.refuse(true);  // new ones; the one that is open stays
  EXPECT_TRUE(eventually([&] {
    if (publisher->connected()) submit(10, 200);
    return gate.refused() > 0;
  }));
  gate.refuse(false);
  EXPECT_TRUE(eventually([&] { return publisher->connected(); }));
}

TEST_F(PublisherTest, ALargeUploadIsAnsweredWhenItsLastPartIsConfirmed) {
  start();
  const auto upload = submit(20'000);
  EXPECT_EQ(statuses(1), std::vector{202});
  EXPECT_EQ(upload->parts_confirmed, upload->parts.size());
  EXPECT_GT(upload->batches.size(), 1U);
  EXPECT_EQ(ready(topology.storage_queue), upload->batches.size());
}

TEST_F(PublisherTest, WithoutAQueueAnUploadIs503) {
  start();
  delete_queue(topology.storage_queue);
  delete_queue(topology.cache_queue);
  submit(1);
  EXPECT_EQ(statuses(1), std::vector{503});
}

TEST_F(PublisherTest, AfterACutConnectionTheSameBatchGoesOutAgain) {
  TcpGate gate(settings.port);
  settings.port = gate.port();
  start();
  gate.hold_replies();  // the publish arrives, its confirm does not
  const auto upload = submit(1);
  ASSERT_TRUE(eventually([&] { return ready(topology.storage_queue) == 1; }));
  EXPECT_TRUE(clients.answers().empty()) << "no confirm, no answer";
  gate.cut();
  EXPECT_EQ(statuses(1), std::vector{202});
  const auto first = take(topology.storage_queue);
  const auto second = take(topology.storage_queue);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->message_id, second->message_id);
  EXPECT_EQ(first->body, second->body);
}

/// The connection breaks at the n-th piece that passes, whichever way: in a publish, before a confirm.
using PublisherCutAt = PublisherTest;

TEST_F(PublisherCutAt, EveryUploadIsInBothQueues) {
  constexpr int kPieces = 10;
  const std::uint16_t broker_port = settings.port;
  TcpGate gate(broker_port);
  settings.port = gate.port();
  start();
  settings.port = broker_port;  // what looks into the queues may come while the gate is still cutting
  std::set<std::string> sent;
  for (int n = 1; n <= kPieces; ++n) {
    gate.cut_at_piece(n);
    while (!gate.piece_was_cut()) {
      ASSERT_TRUE(eventually([this] { return publisher->refusal().empty(); }));
      const auto upload = submit(1'500);
      EXPECT_EQ(statuses(1), std::vector{202}) << "cut at " << n;
      for (int part = 1; part <= 2; ++part)
        sent.insert(R"({"upload":")" + upload->header.upload + R"(","part":)" + std::to_string(part));
    }
  }
  EXPECT_EQ(parts_in(topology.storage_queue), sent);
  EXPECT_EQ(parts_in(topology.cache_queue), sent);
}

TEST_F(PublisherTest, CountsTheRecordsThatTheBrokerHasAndTellsWhatWaitsInEachQueue) {
  start();
  submit(7);
  submit(2'500);
  EXPECT_EQ(statuses(2), (std::vector{202, 202}));
  EXPECT_NE(metrics.render().find("comporta_records_accepted_total{kind=\"transaction\"} 2507\n"),
            std::string::npos);
  const auto tells = [&](const std::string& queue, const std::string& count) {
    const std::string line = "comporta_queue_messages{queue=\"" + queue + "\"} " + count + "\n";
    return metrics.render().find(line) != std::string::npos;
  };
  const auto waiting = left_in(topology.storage_queue);
  EXPECT_GT(waiting, 0U);
  EXPECT_TRUE(eventually([&] { return tells("storage", std::to_string(waiting)); }));
  EXPECT_TRUE(eventually([&] { return tells("cache.dead", "0"); }));
}

TEST_F(PublisherTest, RefusesWhileTheBrokerIsAway) {
  settings.port = 1;
  Publisher lonely(
      settings, publishing, [](const Upload&, const std::string&) {}, metrics);
  EXPECT_NE(lonely.refusal().find("broker is away"), std::string::npos);
}

TEST_F(PublisherTest, RefusesWhileTooManyMessagesWait) {
  publishing.max_backlog.messages = 1;
  expect_refusal_behind_messages();
}

TEST_F(PublisherTest, RefusesWhileTooManyBytesWait) {
  publishing.max_backlog.bytes = 200;
  expect_refusal_behind_messages();
}

TEST_F(PublisherTest, RefusesWhenTooManyUploadsAreOnTheirWay) {
  publishing.max_pending_uploads = 2;
  TcpGate gate(settings.port);
  settings.port = gate.port();
  start();
  gate.hold(true);
  submit(1);
  EXPECT_TRUE(publisher->place(1));
  submit(1);
  EXPECT_FALSE(publisher->place(1));
  gate.hold(false);
  EXPECT_EQ(statuses(2), (std::vector{202, 202}));
  EXPECT_TRUE(eventually([this] { return publisher->place(1).has_value(); }));
}

TEST_F(PublisherTest, HasPlacesForSoManyBytesAndGetsThemBack) {
  publishing.max_pending_bytes = 1'000;
  start();
  EXPECT_FALSE(publisher->place(1'001));
  auto first = publisher->place(600);
  ASSERT_TRUE(first);
  EXPECT_FALSE(publisher->place(401));
  EXPECT_FALSE(first->bytes.try_hold(1'001)) << "it may not grow beyond that either";
  first.reset();
  EXPECT_TRUE(publisher->place(1'000));
}

TEST_F(PublisherTest, WhatABrokerStopsReadingInAPublishGoesOutAgain) {
  constexpr std::size_t kUploads = 24;  // more than the kernel's buffers hold
  publishing.stuck_limit = 100ms;
  publishing.batches.max_in_flight = kUploads;
  TcpGate gate(settings.port);
  settings.port = gate.port();
  start();
  gate.hold(true);
  for (std::size_t i = 0; i < kUploads; ++i) submit_noise();
  EXPECT_TRUE(eventually([this] {
    publisher->watch();
    return !publisher->connected();
  }));
  gate.hold(false);
  EXPECT_EQ(statuses(kUploads), std::vector<int>(kUploads, 202));
}

TEST_F(PublisherTest, WhatIsLeftAtTheEndIsAnswered503) {
  TcpGate gate(settings.port);
  settings.port = gate.port();
  start();
  gate.hold_replies();
  submit(1);
  ASSERT_TRUE(eventually([&] { return ready(topology.storage_queue) == 1; }));
  publisher.reset();
  EXPECT_EQ(statuses(1), std::vector{503});
}

}  // namespace
}  // namespace comporta::gateway
