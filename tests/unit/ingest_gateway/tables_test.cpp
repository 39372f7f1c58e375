// What becomes of a table, and of texts that are kept in one form, on the way to the broker.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "services/ingest-gateway/ingest.h"
#include "tests/unit/ingest_gateway/uploads.h"

namespace comporta::gateway {
namespace {

using ::testing::HasSubstr;

/// Hands on nothing, and remembers the last upload and who brought it.
class LastUpload final : public UploadQueue {
 public:
  std::string refusal() override { return {}; }
  std::optional<Place> place(std::size_t bytes) override {
    Place made{Lease(memory), {}};
    return made.bytes.try_hold(bytes) ? std::optional(std::move(made)) : std::nullopt;
  }
  void submit(std::shared_ptr<Upload> upload) override {
    const std::lock_guard lock(mutex_);
    submitter = std::this_thread::get_id();
    upload_ = std::move(upload);
    arrived_.notify_all();
  }
  /// Its records, a comma between; fails the test if there is none.
  std::string records() {
    std::unique_lock lock(mutex_);
    const bool came =
        arrived_.wait_for(lock, std::chrono::seconds(10), [this] { return upload_ != nullptr; });
    EXPECT_TRUE(came);
    std::string line;
    if (came) upload_->append_part(line, 0);
    unanswered_.push_back(std::move(upload_));
    return line.substr(0, line.rfind(']')).substr(std::min(line.size(), line.find("\"records\":[") + 11));
  }

  Budget memory{4 << 20};
  std::thread::id submitter;

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::shared_ptr<Upload> upload_;
  std::vector<std::shared_ptr<Upload>> unanswered_;  // whoever ends one answers it
};

class TablesTest : public testing::Test {
 protected:
  TablesTest() { EXPECT_TRUE(faults.empty()) << faults.front(); }

  void send(std::string body, const std::string& type = "text/csv", std::string key = {}) {
    HttpRequest request{.method = key.empty() ? "POST" : "PUT",
                        .path = "/api/v1/records/person",
                        .query = {},
                        .headers = {{"content-type", type}},
                        .body = std::move(body)};
    ingest->receive({.kind = kinds.find("person"), .key = std::move(key)}, std::move(request),
                    clients.responder());
  }
  HttpResponse answer() {
    for (const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
         std::chrono::steady_clock::now() < end; std::this_thread::yield())
      if (auto answers = clients.answers(); !answers.empty()) return std::move(answers.front());
    ADD_FAILURE() << "no answer";
    return {};
  }

  std::vector<std::string> faults;
  const KindSet kinds = KindSet::load(std::string(COMPORTA_SOURCE_DIR) + "/tests/data/good/tables", faults);
  LastUpload queue;
  IdempotencyMemory memory{100};
  Metrics metrics;
  Clients clients;
  std::unique_ptr<Ingest> ingest = std::make_unique<Ingest>(IngestSettings{}, kinds, queue, memory, metrics);
};

TEST_F(TablesTest, ATableIsHandedOnAsRecords) {
  send("CPF;Nome;Renda anual\r\n153.509.460-56; Ana ;1234,5\r\n52998224725;Caio;\r\n");
  EXPECT_EQ(queue.records(),
            R"({"cpf":"15350946056","name":"Ana","income":1234.5},{"cpf":"52998224725","name":"Caio"})");
}

/// However small: it becomes larger than it is.
TEST_F(TablesTest, ATableIsNeverReadOnTheHttpThread) {
  send("cpf,name\n15350946056,Ana\n");
  EXPECT_NE(queue.records(), "");
  EXPECT_NE(queue.submitter, std::this_thread::get_id());
  send("--b\r\nContent-Disposition: form-data; filename=a.csv\r\n\r\ncpf,name\n15350946056,Ana\n\r\n--b--",
       "multipart/form-data; boundary=b");
  EXPECT_NE(queue.records(), "");
  EXPECT_NE(queue.submitter, std::this_thread::get_id());
  send(R"({"cpf":"15350946056","name":"Ana"})", "application/json");
  EXPECT_EQ(queue.submitter, std::this_thread::get_id()) << "what is no table is";
  EXPECT_NE(queue.records(), "");
}

TEST_F(TablesTest, WhatIsRefusedHasItsPlaceInTheTable) {
  send("cpf,name,Idade\n15350946056,\"Ana\n\",x\n");
  const HttpResponse refused = answer();
  EXPECT_EQ(refused.status, 422);
  EXPECT_THAT(refused.body, HasSubstr(R"("pointer":"/age","keyword":"type")"));
  EXPECT_THAT(refused.body, HasSubstr(R"("line":2,"column_name":"Idade"})"));
}

TEST_F(TablesTest, OneRecordMayComeAsATableWithOneRow) {
  send("cpf,name\n153.509.460-56,Ana\n", "text/csv", "15350946056");
  EXPECT_EQ(queue.records(), R"({"cpf":"15350946056","name":"Ana"})");
  send("cpf,name\n52998224725,Ana\n", "text/csv", "15350946056");
  EXPECT_THAT(answer().body,
              HasSubstr(R"("detail":"must be the key in the address","line":2,"column_name":"cpf"})"));
}

TEST_F(TablesTest, WhatThereIsNoRoomForIsNotRead) {
  queue.memory.held = queue.memory.limit - 1'000;
  std::string table = "cpf,name\n";
  while (table.size() < 900) table += "15350946056,Ana\n";
  send(table);
  EXPECT_EQ(answer().status, 503);
  ingest.reset();  // whose worker answers before it gives back
  EXPECT_EQ(queue.memory.held, queue.memory.limit - 1'000) << "all is given back";
  queue.memory.held = 0;
}

/// Texts are judged as they are kept.
TEST_F(TablesTest, TextsAreInTheirFormBeforeTheSchemaLooksAtThem) {
  send(R"([{"cpf":"153.509.460-56","name":" Ana","gender":"FEMALE ","email":" A@B.co"}])",
       "application/json");
  EXPECT_EQ(queue.records(), R"({"cpf":"15350946056","name":"Ana","gender":"female","email":"a@b.co"})");
  send(R"({"cpf":"153.509.460-57","name":"Ana"})", "application/json");
  EXPECT_EQ(answer().status, 422);
  send(R"({"cpf":"15350946056","name":"  "})", "application/json");
  EXPECT_THAT(answer().body, HasSubstr(R"("pointer":"/name","keyword":"minLength")"));
}

}  // namespace
}  // namespace comporta::gateway
