#include "services/ingest-gateway/ingest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "common/base/uuid.h"
#include "services/ingest-gateway/http_api.h"
#include "tests/support/gzip.h"
#include "tests/unit/ingest_gateway/uploads.h"

namespace comporta::gateway {
namespace {

using namespace std::chrono_literals;

const std::string kRecord =
    R"({"_id":"c1","isActive":true,"cliente":"Ana","email":"ana@example.com",)"
    R"("endereco":"Cidade A, Estado A, 1000","datatrasancao":"2024-03-11T12:00:00 +00:00"})";

/// Keeps what it is given; a working stand-in for the publisher.
class FakeQueue final : public UploadQueue {
 public:
  std::string refusal() override { return reason; }
  std::optional<Place> place(std::size_t bytes) override {
    Place made{Lease(memory), {}};
    return made.bytes.try_hold(bytes) ? std::optional(std::move(made)) : std::nullopt;
  }
  void submit(std::shared_ptr<Upload> upload) override {
    const std::lock_guard lock(mutex_);
    submitter = std::this_thread::get_id();
    uploads_.push_back(std::move(upload));
    arrived_.notify_all();
  }
  std::shared_ptr<Upload> take() {
    std::unique_lock lock(mutex_);
    if (!arrived_.wait_for(lock, 10s, [this] { return !uploads_.empty(); })) return nullptr;
    auto first = uploads_.front();
    uploads_.erase(uploads_.begin());
    return first;
  }
  bool empty() {
    const std::lock_guard lock(mutex_);
    return uploads_.empty();
  }

  std::string reason;
  Budget memory{4 << 20};
  std::thread::id submitter;  ///< of the upload that was taken last

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<std::shared_ptr<Upload>> uploads_;
};

template <typename Condition>
bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

KindSet load_kinds() {
  std::vector<std::string> faults;
  KindSet kinds = KindSet::load(std::string(COMPORTA_SOURCE_DIR) + "/kinds", faults);
  EXPECT_TRUE(faults.empty()) << faults.front();
  return kinds;
}

class IngestTest : public testing::Test {
 protected:
  HttpRequest request(std::string body, std::string key = {}) const {
    HttpRequest made{.method = "POST",
                     .path = "/api/v1/records/transaction",
                     .query = {},
                     .headers = {{"content-type", "application/json"}},
                     .body = std::move(body)};
    if (!key.empty()) made.headers.emplace_back("idempotency-key", std::move(key));
    return made;
  }
  HttpRequest deletion_of(std::string path, const std::string& key) const {
    return {.method = "DELETE",
            .path = std::move(path),
            .query = {},
            .headers = {{"idempotency-key", key}},
            .body = {}};
  }
  /// What the request is handed on as.
  PartHeader published(HttpRequest made) {
    send(std::move(made));
    unanswered.push_back(queue.take());
    return unanswered.back() ? unanswered.back()->header : PartHeader{};
  }
  void send(HttpRequest made) { api.handle(std::move(made), clients.responder()); }
  /// The only answer so far.
  HttpResponse answer() {
    auto answers = clients.answers();
    if (answers.size() == 1) return std::move(answers[0]);
    ADD_FAILURE() << answers.size() << " answers";
    return {};
  }

  const KindSet kinds = load_kinds();
  FakeQueue queue;
  IdempotencyMemory memory{100};
  Metrics metrics;
  Clients clients;
  std::vector<std::shared_ptr<Upload>> unanswered;  // whoever ends one answers it
  const IngestSettings settings{.passwords = {.secret = "the secret of the passwords of the tests"}};
  Ingest ingest{settings, kinds, queue, memory, metrics};
  Gatekeeper keeper{AccessSettings{}, metrics};
  Hooks hooks{kinds, {}, metrics};
  HttpApi api{kinds, keeper, hooks, ingest};
};

TEST_F(IngestTest, HandsOnWhatIsGood) {
  send(request("[" + kRecord + "," + kRecord + "]"));
  const auto upload = queue.take();
  ASSERT_TRUE(upload);
  EXPECT_TRUE(is_uuid_v7(upload->header.upload));
  EXPECT_EQ(upload->records.size(), 2U);
  EXPECT_EQ(upload->header.parts, 1U);
  EXPECT_TRUE(upload->header.digest.empty());
  EXPECT_EQ(upload->header.traceparent.size(), 55U);
  std::string line;
  upload->append_part(line, 0);
  EXPECT_TRUE(line.ends_with("\"records\":[" + kRecord + "," + kRecord + "]}\n")) << line;
  EXPECT_TRUE(clients.answers().empty()) << "it is the queue that answers";
}

TEST_F(IngestTest, LinesBecomeAPartOfCommaSeparatedRecords) {
  HttpRequest lines = request(kRecord + "\n\n" + kRecord + "\r\n");
  lines.headers[0].second = "application/x-ndjson";
  send(std::move(lines));
  const auto upload = queue.take();
  ASSERT_TRUE(upload);
  std::string line;
  upload->append_part(line, 0);
  EXPECT_TRUE(line.ends_with("\"records\":[" + kRecord + "," + kRecord + "]}\n")) << line;
}

TEST_F(IngestTest, ALargeUploadIsCheckedElsewhereAndCutIntoParts) {
  std::string body = "[" + kRecord;
  for (int i = 1; i < 2'500; ++i) body += "," + kRecord;
  send(request(body + "]"));
  const auto upload = queue.take();
  ASSERT_TRUE(upload);
  EXPECT_EQ(upload->parts.size(), 3U);
  EXPECT_EQ(upload->header.parts, 3U);
}

/// However small it is: nobody knows what comes out of it.
TEST_F(IngestTest, WhatIsEncodedIsNeverReadOnTheHttpThread) {
  send(request(kRecord));
  ASSERT_TRUE(queue.take());
  EXPECT_EQ(queue.submitter, std::this_thread::get_id());
  HttpRequest packed = request(test::gzip(kRecord));
  packed.headers.emplace_back("content-encoding", "gzip");
  send(std::move(packed));
  ASSERT_TRUE(queue.take());
  EXPECT_NE(queue.submitter, std::this_thread::get_id());
}

TEST_F(IngestTest, AnUploadHoldsItsPlaceWithAllThatItIs) {
  HttpRequest packed = request(test::gzip("[" + kRecord + std::string(1 << 20, ' ') + "]"));
  packed.headers.emplace_back("content-encoding", "gzip");
  send(std::move(packed));
  const auto upload = queue.take();
  ASSERT_TRUE(upload);
  EXPECT_GE(upload->body.size(), 1U << 20);
  EXPECT_EQ(upload->place.bytes.share(), upload->bytes());
  EXPECT_GT(upload->bytes(), upload->body.size()) << "its records have their places, too";
  EXPECT_EQ(queue.memory.held, upload->bytes());
}

/// Packed it is small enough, and unpacked it is within what an upload may have.
TEST_F(IngestTest, WhatHasNoRoomWhenItIsUnpackedIsToComeAgain) {
  HttpRequest packed = request(test::gzip("[" + kRecord + std::string(8 << 20, ' ') + "]"));
  packed.headers.emplace_back("content-encoding", "gzip");
  ASSERT_LT(packed.body.size(), 64U * 1024);
  send(std::move(packed));
  std::vector<HttpResponse> answers;
  ASSERT_TRUE(eventually([&] { return !(answers = clients.answers()).empty(); }));
  EXPECT_EQ(answers.at(0).status, 503);
  EXPECT_TRUE(eventually([&] { return queue.memory.held == 0; })) << "and its room is given back";
}

TEST_F(IngestTest, WhatHasNoRoomAsItComesIsToComeAgain) {
  send(request("[" + kRecord + std::string(5 << 20, ' ') + "]"));
  EXPECT_EQ(answer().status, 503);
  EXPECT_EQ(queue.memory.held, 0U);
}

TEST_F(IngestTest, ADryRunSaysWhatWouldBeTakenAndTakesNothing) {
  queue.reason = "the broker is away";
  HttpRequest trial = request("[" + kRecord + "," + kRecord + "]", "key");
  trial.query = "dry_run=true";
  send(trial);
  const HttpResponse said = answer();
  EXPECT_EQ(said.status, 200);
  EXPECT_EQ(said.body, R"({"dry_run":true,"kind":"transaction","records":2,"parts":1})");
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.memory.held, 0U);
  queue.reason.clear();
  trial.query = "dry_run=false";
  trial.body = kRecord;
  send(std::move(trial));
  EXPECT_TRUE(queue.take()) << "the key of a dry run is as new as before";
}

TEST_F(IngestTest, ADryRunFindsTheSameFaults) {
  for (const std::string& bad :
       {std::string("nonsense"), std::string("[]"), "[" + kRecord + R"(,{"_id":"c2"}])"}) {
    send(request(bad));
    const HttpResponse real = answer();
    HttpRequest trial = request(bad);
    trial.query = "dry_run=true";
    send(std::move(trial));
    const HttpResponse tried = answer();
    EXPECT_EQ(tried.status, real.status);
    EXPECT_EQ(tried.body.substr(0, tried.body.find("trace_id")),
              real.body.substr(0, real.body.find("trace_id")));
  }
}

TEST_F(IngestTest, NoParameterIsPassedOver) {
  for (const char* query : {"dryrun=true", "dry_run", "dry_run=1", "dry_run=", "dry_run=true&dry_run=true",
                            "x=1", "dry_run=true&x=1", "dry_run=TRUE", "%"}) {
    HttpRequest odd = request(kRecord);
    odd.query = query;
    send(std::move(odd));
    EXPECT_EQ(answer().status, 400) << query;
  }
  EXPECT_TRUE(queue.empty());
}

TEST_F(IngestTest, NothingIsHandedOnWhenOneRecordIsBad) {
  send(request("[" + kRecord + R"(,{"_id":"c2"}])"));
  const HttpResponse refused = answer();
  EXPECT_EQ(refused.status, 422);
  EXPECT_NE(refused.body.find("\"index\":1"), std::string::npos) << refused.body;
  EXPECT_TRUE(queue.empty());
}

TEST_F(IngestTest, WhileNothingCanBeTakenItSaysSoAndWhy) {
  queue.reason = "the broker is away";
  send(request(kRecord));
  const HttpResponse refused = answer();
  EXPECT_EQ(refused.status, 503);
  EXPECT_NE(refused.body.find("the broker is away"), std::string::npos);
  EXPECT_TRUE(std::ranges::count(refused.headers, std::pair<std::string, std::string>("Retry-After", "1")));
}

/// Keys of each form: a UUIDv7, another UUID, and any text.
const std::string kKeys[] = {"019ab2f4-5c1e-7abc-8def-0123456789ab", "5f0c1e2a-1b2c-4d3e-8f40-0123456789ab",
                             "my key"};

TEST_F(IngestTest, AKeyGivesTheSameIdAgainAndAnotherOneForAnotherKey) {
  std::set<std::string> ids;
  for (const std::string& key : kKeys) {
    const PartHeader first = published(request(kRecord, key));
    EXPECT_EQ(first.upload, published(request(kRecord, key)).upload);
    EXPECT_TRUE(is_uuid_v7(first.upload));
    EXPECT_EQ(first.digest.size(), 64U);
    ids.insert(first.upload);
  }
  EXPECT_EQ(ids.size(), std::size(kKeys));
  EXPECT_EQ(uuid_v7_time(published(request(kRecord, kKeys[0])).upload), uuid_v7_time(kKeys[0]))
      << "uploads sort by the times of their keys";
}

TEST_F(IngestTest, OneKeyForTwoKindsIsTwoUploads) {
  for (const std::string& key : kKeys) {
    const std::string upload = published(request(kRecord, key)).upload;
    EXPECT_NE(published(deletion_of("/api/v1/records/seller/s1", key)).upload, upload) << key;
  }
  EXPECT_TRUE(clients.answers().empty()) << "and no conflict";
}

TEST_F(IngestTest, AKeyIsComparedWithWhateverElseCameOfItsKind) {
  for (const std::string& key : kKeys) {
    const PartHeader first = published(request(kRecord, key));
    send(deletion_of("/api/v1/records/transaction/c1", key));
    EXPECT_EQ(answer().status, 409) << key;
    IdempotencyMemory no_memory(100);
    Ingest another_gateway(settings, kinds, queue, no_memory, metrics);
    HttpApi(kinds, keeper, hooks, another_gateway)
        .handle(deletion_of("/api/v1/records/transaction/c1", key), clients.responder());
    const auto second = unanswered.emplace_back(queue.take());
    ASSERT_TRUE(second);
    EXPECT_EQ(second->header.upload, first.upload)
        << "the marks of what was applied tell the conflict: " << key;
    EXPECT_NE(second->header.digest, first.digest) << key;
  }
}

TEST_F(IngestTest, APutIsARepeatOfThePostOfTheSameBody) {
  const PartHeader post = published(request(kRecord, "key"));
  HttpRequest put = request(kRecord, "key");
  put.method = "PUT";
  put.path += "/c1";
  const PartHeader again = published(std::move(put));
  EXPECT_EQ(again.upload, post.upload);
  EXPECT_EQ(again.digest, post.digest);
}

TEST_F(IngestTest, AUuidIsTheSameKeyInUpperCaseAndAnyOtherTextIsNot) {
  for (const std::string& key : kKeys) {
    std::string upper = key;
    std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
    const bool same = published(request(kRecord, key)).upload == published(request(kRecord, upper)).upload;
    EXPECT_EQ(same, key != "my key") << key;
  }
}

TEST_F(IngestTest, ARepeatOfWhatWasConfirmedGetsItsReceiptAgain) {
  send(request(kRecord, "key"));
  const auto upload = queue.take();
  ASSERT_TRUE(upload);
  memory.confirmed(upload->header.upload, upload->header.digest, "the receipt");
  send(request(kRecord, "key"));
  EXPECT_EQ(answer().body, "the receipt");
  EXPECT_TRUE(queue.empty());
}

TEST_F(IngestTest, AnotherBodyWithTheSameKeyIsAConflict) {
  send(request(kRecord, "key"));
  send(request("[" + kRecord + "," + kRecord + "]", "key"));
  EXPECT_EQ(answer().status, 409);
  ASSERT_TRUE(queue.take());
  EXPECT_TRUE(queue.empty());
}

TEST_F(IngestTest, AKeyHasAtMost255Characters) {
  send(request(kRecord, std::string(256, 'k')));
  EXPECT_EQ(answer().status, 400);
  send(request(kRecord, std::string(255, 'k')));
  EXPECT_TRUE(queue.take());
}

TEST_F(IngestTest, ATraceIsContinuedAndNamedInRefusals) {
  HttpRequest traced = request("nonsense");
  traced.headers.emplace_back("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  send(std::move(traced));
  EXPECT_NE(answer().body.find("0af7651916cd43dd8448eb211c80319c"), std::string::npos);
}

struct Route {
  const char* method;
  const char* path;
  int status;
};

TEST_F(IngestTest, EveryPathHasItsAnswer) {
  const Route routes[] = {
      {"GET", "/api/v1/kinds", 200},
      {"HEAD", "/api/v1/kinds/transaction/schema.json", 200},
      {"GET", "/api/v1/kinds/transaction/samples/Dados.json", 200},
      {"GET", "/api/v1/kinds/transaction/samples/Dados%20-%20Fraude1.json", 200},
      {"GET", "/api/v1/kinds/transaction/samples/..%2Fkind.yaml", 404},
      {"GET", "/api/v1/kinds/transaction", 404},
      {"GET", "/api/v1/kinds/nothing/schema.json", 404},
      {"POST", "/api/v1/kinds", 405},
      {"GET", "/api/v1/records/transaction", 405},
      {"POST", "/api/v1/records/nothing", 404},
      {"POST", "/api/v1/records/", 404},
      {"GET", "/", 404},
  };
  for (const Route& route : routes) {
    send({.method = route.method, .path = route.path, .query = {}, .headers = {}, .body = {}});
    const HttpResponse got = answer();
    EXPECT_EQ(got.status, route.status) << route.method << " " << route.path;
    EXPECT_EQ(got.content_type == "application/problem+json", route.status >= 400) << route.path;
  }
}

}  // namespace
}  // namespace comporta::gateway
