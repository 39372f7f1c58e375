#include "services/cache/readers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "tests/support/cache/memory_view_store.h"
#include "tests/support/http_client.h"

namespace comporta {
namespace {

using ::testing::HasSubstr;

/// Lets nobody through who asks views of one kind, until it is opened.
class Gate {
 public:
  void wait(const std::string& kind) {
    std::unique_lock lock(mutex_);
    if (kind != closed_for_) return;
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return closed_for_.empty(); });
  }
  void close(const std::string& kind) {
    const std::lock_guard lock(mutex_);
    closed_for_ = kind;
  }
  bool has_one() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::minutes(1), [this] { return waiting_ > 0; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    closed_for_.clear();
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string closed_for_;
  int waiting_ = 0;
};

class GatedStore : public MemoryViewStore {
 public:
  explicit GatedStore(Gate& gate) : gate_(gate) {}
  ViewAnswer query(const ViewQuery& query) override {
    gate_.wait(query.kind.name);
    return {ViewAnswer::Outcome::kFound, R"({"of":")" + query.kind.name + R"("})"};
  }

 private:
  Gate& gate_;
};

class ReadersTest : public ::testing::Test {
 protected:
  static KindSet load() {
    std::vector<std::string> faults;
    KindSet kinds = KindSet::load(std::filesystem::path(COMPORTA_SOURCE_DIR) / "kinds", faults);
    EXPECT_TRUE(faults.empty());
    return kinds;
  }

  void TearDown() override { gate_.open(); }

  std::unique_ptr<Client> asking(const std::string& path) {
    auto client = std::make_unique<Client>(server_.port());
    client->say(get(path));
    return client;
  }
  std::string ask(const std::string& path) { return asking(path)->hear(); }

  Gate gate_;
  KindSet kinds_ = load();
  Metrics metrics_;
  Gatekeeper keeper_{{}, metrics_};
  Readers readers_{kinds_, keeper_, [this] { return std::make_unique<GatedStore>(gate_); }};
  HttpServer server_{{}, [this](HttpRequest request, Responder responder) {
                       readers_.answer(std::move(request), std::move(responder));
                     }};
};

TEST_F(ReadersTest, AFamilyWhoseViewsTakeLongHoldsUpNobodyElse) {
  gate_.close("order");
  const auto held = asking("/api/v1/views/order/sellers");
  ASSERT_TRUE(gate_.has_one());
  EXPECT_THAT(ask("/api/v1/views/transaction/flags"), HasSubstr(R"({"of":"transaction"})"));
  EXPECT_THAT(ask("/api/v1/recent/transaction"), HasSubstr(R"({"of":"transaction"})"));
  EXPECT_THAT(ask("/api/v1/records/transaction/none"), HasSubstr("404 "));
  EXPECT_THAT(ask("/api/v1/batches/01935c1e-7a2b-7c3d-8e4f-5a6b7c8d9e10"), HasSubstr("pending"));
  EXPECT_THAT(ask("/api/v1/views/nobody/knows"), HasSubstr("404 "));
  gate_.open();
  EXPECT_THAT(held->hear(), HasSubstr(R"({"of":"order"})"));
}

TEST_F(ReadersTest, ThoseOfOneFamilyAreAskedInTurn) {
  gate_.close("order");
  const auto first = asking("/api/v1/views/order/sellers");
  ASSERT_TRUE(gate_.has_one());
  const auto second = asking("/api/v1/views/product/list");
  gate_.open();
  EXPECT_THAT(first->hear(), HasSubstr(R"({"of":"order"})"));
  EXPECT_THAT(second->hear(), HasSubstr(R"({"of":"product"})"));
}

}  // namespace
}  // namespace comporta
