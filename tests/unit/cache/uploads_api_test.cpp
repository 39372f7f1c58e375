#include "services/cache/uploads_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <mutex>
#include <utility>

#include "tests/support/cache/memory_view_store.h"
#include "tests/support/http_client.h"

namespace comporta {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kUpload = "01935c1e-7a2b-7c3d-8e4f-5a6b7c8d9e0f";
const std::string kBatch = "01935c1e-7a2b-7c3d-8e4f-5a6b7c8d9e10";
const std::string kPath = "/api/v1/uploads/" + kUpload;

/// One that a test changes while it is asked.
class SharedStore : public MemoryViewStore {
 public:
  template <typename Change>
  void change(Change change) {
    const std::lock_guard lock(mutex_);
    change();
  }
  void apply_batch(const std::string& id) {
    change([&] { applied[id] = {"2026-11-22T14:03:05.123Z", 1, 1}; });
  }
  int rounds() {
    const std::lock_guard lock(mutex_);
    return rounds_;
  }

  std::vector<bool> are_applied(const std::vector<std::string>& batches) override {
    const std::lock_guard lock(mutex_);
    if (!batches.empty()) ++rounds_;
    return MemoryViewStore::are_applied(batches);
  }
  UploadOutcome find_upload(std::string_view id) override {
    const std::lock_guard lock(mutex_);
    return and_then(MemoryViewStore::find_upload(id));
  }
  std::optional<AppliedBatch> find_batch(std::string_view id) override {
    const std::lock_guard lock(mutex_);
    return and_then(MemoryViewStore::find_batch(id));
  }

  std::function<void()>
      after_first;  ///< what happens to it between the first thing that is found and the next

 private:
  template <typename Found>
  Found and_then(Found found) {
    if (auto change = std::exchange(after_first, {})) change();
    return found;
  }

  std::mutex mutex_;
  int rounds_ = 0;
};

class UploadsApiTest : public ::testing::Test {
 protected:
  std::string ask(const std::string& path, const std::string& headers = {}) {
    Client client(server.port());
    client.say(get(path, headers));
    return client.hear();
  }
  bool are_waiting(std::size_t count) {
    return eventually([&] { return uploads.waiting() == count; });
  }

  SharedStore store;
  Metrics metrics;
  Gatekeeper keeper{{}, metrics};
  UploadsApi uploads{keeper, store, {.most_waiting = 2}};
  HttpServer server{{}, [this](HttpRequest request, Responder responder) {
                      uploads.handle(std::move(request), std::move(responder));
                    }};
};

TEST_F(UploadsApiTest, SaysAtOnceHowThingsStand) {
  EXPECT_THAT(ask(kPath), StartsWith("HTTP/1.1 404"));
  const std::string pending = ask(kPath + "?batch=" + kBatch);
  EXPECT_THAT(pending, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(pending, HasSubstr(R"("state":"pending")"));
  EXPECT_THAT(pending, HasSubstr("Cache-Control: no-store"));
  EXPECT_THAT(pending, Not(HasSubstr("Preference-Applied")));
  store.apply_batch(kBatch);
  EXPECT_THAT(ask(kPath + "?batch=" + kBatch), HasSubstr(R"("state":"applied")"));
}

TEST_F(UploadsApiTest, NeverSaysAppliedOfWhatIsRefusedMeanwhile) {
  store.after_first = [this] {
    store.applied[kBatch] = {"2026-11-22T14:03:05.123Z", 1, 1};
    store.outcomes[kUpload] = {
        .principal = {}, .parts = 1, .records_of = {{1, 1}}, .not_applied = {{0, {"k", "refused", "taken"}}}};
  };
  EXPECT_THAT(ask(kPath + "?batch=" + kBatch), Not(HasSubstr(R"("state":"applied")")));
  EXPECT_THAT(ask(kPath + "?batch=" + kBatch), HasSubstr(R"("state":"refused")"));
}

TEST_F(UploadsApiTest, RefusesWhatIsNoQuestion) {
  for (const std::string& path : {std::string("/api/v1/uploads/"), std::string("/api/v1/uploads/x"),
                                  kPath + "/", kPath + "?batch=x", kPath + "?batch=", kPath + "?other=1",
                                  kPath + "?batch", kPath + "?batch=" + kBatch + "&x=1", kPath + "?batch=%"})
    EXPECT_THAT(ask(path), StartsWith("HTTP/1.1 400")) << path;
  Client client(server.port());
  client.say(post(kPath, "{}"));
  EXPECT_THAT(client.hear(), StartsWith("HTTP/1.1 405"));
}

TEST_F(UploadsApiTest, TakesAsManyBatchesAsAnUploadMayHave) {
  const auto query = [](std::size_t batches) {
    std::string text = "?";
    for (std::size_t i = 0; i < batches; ++i) text += "&batch=" + kBatch;
    return text;
  };
  EXPECT_THAT(ask(kPath + query(160)), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(ask(kPath + query(161)), StartsWith("HTTP/1.1 400"));
}

TEST_F(UploadsApiTest, HoldsTheAnswerUntilItIsKnown) {
  Client client(server.port());
  client.say(get(kPath + "?batch=" + kBatch, "Prefer: wait=10\r\n"));
  ASSERT_TRUE(are_waiting(1));
  store.apply_batch(kBatch);
  const std::string answer = client.hear();
  EXPECT_THAT(answer, HasSubstr(R"("state":"applied")"));
  EXPECT_THAT(answer, HasSubstr("Preference-Applied: wait"));
  EXPECT_TRUE(are_waiting(0));
}

TEST_F(UploadsApiTest, WaitsForEachOfItsBatches) {
  const std::string other = "01935c1e-7a2b-7c3d-8e4f-5a6b7c8d9e11";
  Client client(server.port());
  client.say(get(kPath + "?batch=" + kBatch + "&batch=" + other, "Prefer: wait=10\r\n"));
  ASSERT_TRUE(are_waiting(1));
  store.apply_batch(kBatch);
  const int before = store.rounds();
  ASSERT_TRUE(eventually([&] { return store.rounds() > before + 1; }));
  EXPECT_TRUE(are_waiting(1));
  store.apply_batch(other);
  EXPECT_THAT(client.hear(), HasSubstr(R"("state":"applied")"));
}

TEST_F(UploadsApiTest, OfSomebodysUploadAllPartsAreWaitedFor) {
  store.outcomes[kUpload] = {.principal = "", .parts = 2, .records_of = {{1, 10}}};
  EXPECT_THAT(ask(kPath, "Prefer: wait=10\r\n"), HasSubstr(R"("state":"applied")"));
  store.change([&] { store.outcomes[kUpload].principal = "member/ana"; });
  EXPECT_THAT(ask(kPath, "Prefer: wait=10\r\n"), StartsWith("HTTP/1.1 404"));
}

TEST_F(UploadsApiTest, MoreThanMayWaitAreAnsweredAtOnce) {
  const std::string request = get(kPath + "?batch=" + kBatch, "Prefer: wait=10\r\n");
  Client first(server.port());
  Client second(server.port());
  first.say(request);
  second.say(request);
  ASSERT_TRUE(are_waiting(2));
  const std::string third = ask(kPath + "?batch=" + kBatch, "Prefer: wait=10\r\n");
  EXPECT_THAT(third, HasSubstr(R"("state":"pending")"));
  EXPECT_THAT(third, Not(HasSubstr("Preference-Applied")));
  store.apply_batch(kBatch);
  EXPECT_THAT(first.hear(), HasSubstr(R"("state":"applied")"));
  EXPECT_THAT(second.hear(), HasSubstr(R"("state":"applied")"));
}

TEST_F(UploadsApiTest, LetsAllGoAtTheEnd) {
  Client client(server.port());
  client.say(get(kPath + "?batch=" + kBatch, "Prefer: wait=10\r\n"));
  ASSERT_TRUE(are_waiting(1));
  uploads.let_go();
  EXPECT_THAT(client.hear(), HasSubstr(R"("state":"pending")"));
  EXPECT_THAT(ask(kPath + "?batch=" + kBatch, "Prefer: wait=10\r\n"), HasSubstr(R"("state":"pending")"));
}

TEST_F(UploadsApiTest, AStoreThatIsAwayIs503EvenToThoseWhoWait) {
  Client client(server.port());
  client.say(get(kPath + "?batch=" + kBatch, "Prefer: wait=10\r\n"));
  ASSERT_TRUE(are_waiting(1));
  store.change([&] { store.set_away(true); });
  EXPECT_THAT(client.hear(), StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(ask(kPath), StartsWith("HTTP/1.1 503"));
  store.change([&] { store.set_away(false); });
  EXPECT_THAT(ask(kPath), StartsWith("HTTP/1.1 404"));
}

}  // namespace
}  // namespace comporta
