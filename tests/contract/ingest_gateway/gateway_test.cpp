// The whole way of an upload through the gateway, many at once: HTTP, check pool, batcher, publisher, broker.
// What ThreadSanitizer is to see.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "common/base/text.h"
#include "common/http/server.h"
#include "services/ingest-gateway/http_api.h"
#include "services/ingest-gateway/publisher.h"
#include "tests/contract/common/broker/broker_fixture.h"
#include "tests/support/http_client.h"

namespace comporta::gateway {
namespace {

constexpr int kClients = 8;
constexpr int kUploads = 12;         // of each client
constexpr std::size_t kLarge = 600;  // records: more bytes than an HTTP thread checks itself
constexpr char kSecret[] = "the secret of the passwords of the tests";

KindSet load_kinds() {
  std::vector<std::string> faults;
  return KindSet::load(COMPORTA_SOURCE_DIR "/kinds", faults);
}

std::string records(std::size_t count, const std::string& key) {
  std::string body = "[";
  for (std::size_t i = 0; i < count; ++i) {
    body += (i == 0 ? "" : ",") + (R"({"_id":")" + key) + "-" + std::to_string(i) +
            R"(","isActive":true,"cliente":"c","email":"a@b.example","endereco":"e",)" +
            R"("datatrasancao":"2024-03-11T12:00:00 +00:00"})";
  }
  return body + "]";
}

/// `target`: method and address.
std::string upload_request(const std::string& body, const std::string& idempotency_key,
                           const std::string& target = "POST /api/v1/records/transaction") {
  return target +
         " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nIdempotency-Key: " + idempotency_key +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string upload_in(std::string_view text) {
  constexpr std::string_view kMark = R"({"upload":")";
  const std::size_t at = text.find(kMark);
  return at == std::string_view::npos ? "" : std::string(text.substr(at + kMark.size(), 36));
}

/// The gateway as its main() wires it.
struct Gateway {
  Gateway(const BrokerSettings& broker, const KindSet& kinds)
      : publisher(
            broker, PublisherSettings{},
            [this](const Upload& upload, const std::string& receipt) {
              memory.confirmed(upload.header.upload, upload.header.digest, receipt);
            },
            metrics),
        ingest({.check_threads = 2, .passwords = {.secret = kSecret}}, kinds, publisher, memory, metrics),
        hooks(kinds, {}, metrics),
        api(kinds, keeper, hooks, ingest),
        http({.threads = 2, .max_body_bytes = std::size_t{1} << 20, .answer_timeout = kPatience},
             [this](HttpRequest request, Responder responder) {
               api.handle(std::move(request), std::move(responder));
             }) {}

  Metrics metrics;
  IdempotencyMemory memory{1'000};
  Publisher publisher;
  Gatekeeper keeper{AccessSettings{}, metrics};
  Ingest ingest;
  Hooks hooks;
  HttpApi api;
  HttpServer http;
};

const std::string kKeys[] = {"019ab2f4-5c1e-7abc-8def-0123456789ab", "any other key"};
const std::string kSellers = R"([{"id":"padaria","name":"Padaria"}])";

class GatewayTest : public BrokerTest {
 protected:
  static std::string answer_to(const Gateway& gateway, const std::string& request) {
    Client client(gateway.http.port());
    client.say(request);
    return client.hear();
  }

  /// One client's uploads, one after the other: small, large, invalid, and with a key that others use, too.
  /// Returns the ids of those that were taken.
  static std::set<std::string> upload_all(std::uint16_t port, int client) {
    Client connection(port);
    std::set<std::string> taken;
    for (int i = 0; i < kUploads; ++i) {
      const bool is_shared = i % 3 == 1;
      const bool is_bad = i % 6 == 5;
      const std::string key = (is_shared ? "shared" : std::to_string(client)) + "-" + std::to_string(i);
      const std::string body = is_bad ? "[{}]" : records(i % 4 == 0 ? kLarge : 10, key);
      connection.say(upload_request(body, key));
      const std::string answer = connection.hear();
      EXPECT_TRUE(answer.starts_with(is_bad ? "HTTP/1.1 422" : "HTTP/1.1 202")) << answer.substr(0, 400);
      if (!is_bad) taken.insert(upload_in(answer));
    }
    return taken;
  }

  /// The uploads that have lines in the queue's messages.
  std::set<std::string> published() const {
    std::set<std::string> found;
    for (const Delivery& delivery : consume(topology.storage_queue, ready(topology.storage_queue))) {
      std::string_view rest = delivery.body;
      while (!rest.empty()) found.insert(upload_in(take_line(rest)));
    }
    return found;
  }

  const KindSet kinds = load_kinds();
};

TEST_F(GatewayTest, WhatManyClientsAreAnswered202IsWhatIsPublished) {
  Gateway gateway(settings, kinds);
  ASSERT_TRUE(eventually([&] { return gateway.publisher.connected(); }));
  std::vector<std::set<std::string>> taken(kClients);
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i)
    clients.emplace_back([&, i] { taken[static_cast<std::size_t>(i)] = upload_all(gateway.http.port(), i); });
  for (std::thread& client : clients) client.join();
  EXPECT_TRUE(gateway.http.drain(kPatience));

  std::set<std::string> answered;
  for (const auto& one : taken) answered.insert(one.begin(), one.end());
  EXPECT_GT(answered.size(), std::size_t{kClients});
  EXPECT_FALSE(answered.contains(""));
  EXPECT_EQ(published(), answered);
}

/// As a synchronisation does that draws one key for each run.
TEST_F(GatewayTest, OneKeyForTwoKindsIsTwoUploadsThroughOneGatewayAndThroughTwo) {
  Gateway one(settings, kinds);
  Gateway two(settings, kinds);
  ASSERT_TRUE(eventually([&] { return one.publisher.connected() && two.publisher.connected(); }));
  for (const std::string& key : kKeys) {
    const std::string sellers = upload_request(kSellers, key, "POST /api/v1/records/seller");
    const std::string transactions = upload_request(records(1, "k"), key);
    const std::string first = answer_to(one, sellers);
    const std::string second = answer_to(one, transactions);
    ASSERT_TRUE(first.starts_with("HTTP/1.1 202") && second.starts_with("HTTP/1.1 202")) << first << second;
    EXPECT_NE(upload_in(first), upload_in(second)) << key;
    EXPECT_EQ(upload_in(answer_to(two, transactions)), upload_in(second)) << "the same on every gateway";
    EXPECT_EQ(upload_in(answer_to(two, sellers)), upload_in(first)) << "the same on every gateway";
  }
}

TEST_F(GatewayTest, AnUploadAndADeletionUnderOneKeyAreAConflictThatAnotherGatewayPublishesAsOne) {
  Gateway one(settings, kinds);
  Gateway two(settings, kinds);
  ASSERT_TRUE(eventually([&] { return one.publisher.connected() && two.publisher.connected(); }));
  for (const std::string& key : kKeys) {
    const std::string first = answer_to(one, upload_request(records(1, "k"), key));
    const std::string deletion = upload_request("", key, "DELETE /api/v1/records/transaction/k-0");
    EXPECT_TRUE(answer_to(one, deletion).starts_with("HTTP/1.1 409")) << key;
    EXPECT_EQ(upload_in(answer_to(two, deletion)), upload_in(first)) << "so that its mark tells: " << key;
  }
}

}  // namespace
}  // namespace comporta::gateway
