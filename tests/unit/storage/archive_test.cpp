#include "services/storage/archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <utility>

#include "common/base/digest.h"
#include "common/broker/message.h"
#include "tests/support/batches.h"
#include "tests/support/kept_spans.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;
using test::batch_id;
using test::batch_name;

/// A store in memory that does what it is told.
class FakeWriter final : public ObjectWriter {
 public:
  std::map<std::string, std::string> objects;
  std::vector<std::string> calls;  ///< `prepare`, `look`, or the name of a put
  int puts = 0;
  int prepares = 0;
  int looks = 0;
  bool refusing = false;  ///< whatever is written fails
  std::size_t most_in_flight = 0;
  int fail_put_at = 0;           ///< the n-th put, from 1, fails
  std::size_t fail_call_at = 0;  ///< the n-th call of either kind, from 1, fails
  int failing_prepares = 0;      ///< so many fail
  bool holding = false;          ///< nothing ends while it is set

  void start_prepare(std::uint64_t token) override {
    calls.push_back("prepare");
    ++prepares;
    started_.push_back({token, nullptr, failing_prepares > 0 || refusing || is_told_to_fail()});
    if (failing_prepares > 0) --failing_prepares;
  }
  void start_look(std::uint64_t token) override {
    calls.push_back("look");
    ++looks;
    started_.push_back({token, nullptr, is_told_to_fail()});
  }
  void start_put(std::uint64_t token, std::shared_ptr<const NewObject> object) override {
    calls.push_back(object->name);
    started_.push_back({token, std::move(object), ++puts == fail_put_at || refusing || is_told_to_fail()});
    most_in_flight = std::max(most_in_flight, started_.size());
  }
  std::vector<StoreResult> poll(int, std::chrono::milliseconds) override {
    std::vector<StoreResult> results;
    if (holding) return results;
    for (const Started& one : std::exchange(started_, {})) results.push_back(end(one));
    return results;
  }

 private:
  struct Started {
    std::uint64_t token;
    std::shared_ptr<const NewObject> object;
    bool fails;
  };

  bool is_told_to_fail() const { return calls.size() == fail_call_at; }

  StoreResult end(const Started& one) {
    if (one.fails) return {one.token, "told to fail"};
    if (one.object) {
      EXPECT_EQ(one.object->sha256, to_hex(sha256(one.object->body)));
      objects[one.object->name] = one.object->body;
    }
    return {one.token, std::nullopt};
  }

  std::vector<Started> started_;
};

class ArchiveTest : public testing::Test {
 protected:
  static Delivery delivery(std::uint8_t number, std::uint64_t tag) {
    return {.tag = tag,
            .message_id = batch_id(number),
            .type = "transaction",
            .body = "{\"part\":" + std::to_string(number) + "}\n"};
  }

  /// Works until `done`; a test that waits for what never comes fails here.
  void work_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!done()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      for (Settlement& settlement : archive.work(-1, 1ms)) settled.push_back(std::move(settlement));
    }
  }
  void work_until_settled(std::size_t count) {
    work_until([&] { return settled.size() >= count; });
  }
  std::vector<std::uint64_t> tags() const {
    std::vector<std::uint64_t> result;
    for (const Settlement& settlement : settled) result.push_back(settlement.tag);
    return result;
  }
  bool metrics_have(const std::string& line) const {
    return metrics.render().find(line + "\n") != std::string::npos;
  }

  Metrics metrics;
  FakeWriter writer;
  test::KeptSpans spans;
  Archive archive{writer,
                  {.puts_in_flight = 2, .retry_first = 1ms, .retry_limit = 4ms, .probe_interval = 1h},
                  metrics,
                  &spans};
  std::vector<Settlement> settled;
};

TEST_F(ArchiveTest, WritesAMessageAsItIsUnderItsName) {
  archive.take(delivery(1, 11));
  EXPECT_EQ(archive.unsettled(), 1U);
  work_until_settled(1);
  EXPECT_EQ(settled[0].tag, 11U);
  EXPECT_TRUE(settled[0].parked.empty());
  EXPECT_EQ(archive.unsettled(), 0U);
  EXPECT_THAT(writer.objects,
              testing::ElementsAre(testing::Pair(batch_name("transaction", 1), "{\"part\":1}\n")));
  EXPECT_TRUE(metrics_have("comporta_objects_stored_total 1"));
  EXPECT_TRUE(metrics_have("comporta_object_bytes_total 11"));
}

TEST_F(ArchiveTest, HasASpanForEachSampledPart) {
  const auto line = [](const std::string& traceparent) {
    std::string out;
    append_part_line(out,
                     {.upload = new_uuid_v7(),
                      .received = "2026-11-22T14:03:05.123Z",
                      .traceparent = traceparent,
                      .principal = {},
                      .digest = {}},
                     "{}");
    return out;
  };
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b71692033";
  Delivery made = delivery(1, 11);
  made.records = 3;
  made.body = line(trace + "31-01") + line(trace + "31-00") + line(trace + "32-01");
  archive.take(std::move(made));
  EXPECT_TRUE(spans.all().empty());
  work_until_settled(1);
  const auto all = spans.all();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].name, "store");
  EXPECT_EQ(all[0].parent, "b7ad6b7169203331");
  EXPECT_EQ(all[1].parent, "b7ad6b7169203332");
  EXPECT_LE(all[0].begin, all[0].end);
  EXPECT_EQ(test::attribute(all[0], "comporta.batch.records"), "3");
  EXPECT_EQ(test::attribute(all[0], "comporta.object"), batch_name("transaction", 1));
  EXPECT_NE(batch_name("transaction", 1).find(test::attribute(all[0], "messaging.message.id") + ".ndjson"),
            std::string::npos);
}

TEST_F(ArchiveTest, SettlesOnlyAfterTheStoreSaidWritten) {
  work_until([&] { return archive.store_reachable(); });
  writer.holding = true;
  archive.take(delivery(1, 11));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(archive.work(-1, 0ms).empty());
  EXPECT_EQ(writer.puts, 1);
  EXPECT_EQ(archive.unsettled(), 1U);
  writer.holding = false;
  work_until_settled(1);
  EXPECT_EQ(tags(), std::vector<std::uint64_t>{11});
}

TEST_F(ArchiveTest, PreparesTheStoreBeforeTheFirstWrite) {
  archive.take(delivery(1, 11));
  work_until_settled(1);
  EXPECT_THAT(writer.calls, testing::ElementsAre("prepare", batch_name("transaction", 1)));
}

TEST_F(ArchiveTest, KeepsToTheLimitOfWritesInFlight) {
  for (std::uint8_t i = 1; i <= 20; ++i) archive.take(delivery(i, i));
  work_until_settled(20);
  EXPECT_EQ(writer.most_in_flight, 2U);
  EXPECT_EQ(writer.objects.size(), 20U);
}

TEST_F(ArchiveTest, CountsPartsInTheLinesOfTheBody) {
  struct Writer final : ObjectWriter {
    std::size_t parts = 0;
    std::vector<StoreResult> ended;
    void start_prepare(std::uint64_t token) override { ended.push_back({token, {}}); }
    void start_put(std::uint64_t token, std::shared_ptr<const NewObject> object) override {
      parts = object->parts;
      ended.push_back({token, {}});
    }
    std::vector<StoreResult> poll(int, std::chrono::milliseconds) override {
      return std::exchange(ended, {});
    }
  } counting;
  for (const auto& [body, parts] :
       std::map<std::string, std::size_t>{{"a\n", 1}, {"a\nb\n", 2}, {"a\nb", 2}}) {
    Archive other(counting, {}, metrics);
    Delivery message = delivery(1, 1);
    message.body = body;
    other.take(std::move(message));
    for (int i = 0; i < 3; ++i) (void)other.work(-1, 0ms);
    EXPECT_EQ(counting.parts, parts) << body;
  }
}

TEST_F(ArchiveTest, ParksWhatCannotHaveAnObject) {
  Delivery no_type = delivery(1, 1);
  no_type.type = "../etc";
  Delivery no_id = delivery(2, 2);
  no_id.message_id = "7";
  Delivery empty = delivery(3, 3);
  empty.body.clear();
  archive.take(no_type);
  archive.take(no_id);
  archive.take(empty);
  archive.take(delivery(4, 4));
  work_until_settled(4);
  EXPECT_EQ(writer.objects.size(), 1U);
  EXPECT_EQ(writer.puts, 1);
  for (const Settlement& settlement : settled) {
    ASSERT_EQ(settlement.parked.size(), settlement.tag == 4 ? 0U : 1U);
    if (settlement.tag == 4) continue;
    EXPECT_NE(settlement.parked[0].reason, "");
  }
  EXPECT_EQ(settled[0].parked[0].type, "../etc");
  EXPECT_EQ(settled[0].parked[0].body, no_type.body);
  EXPECT_EQ(settled[1].parked[0].message_id, "7");
}

TEST_F(ArchiveTest, ParksWhileTheStoreIsAway) {
  writer.holding = true;
  Delivery empty = delivery(3, 3);
  empty.body.clear();
  archive.take(empty);
  work_until_settled(1);
  EXPECT_EQ(settled[0].parked.size(), 1U);
}

/// Five messages through a store that fails at the n-th call; how many calls it took.
std::size_t archive_five_failing_at(std::size_t n) {
  Metrics metrics;
  FakeWriter writer;
  writer.fail_call_at = n;
  Archive archive(writer, {.puts_in_flight = 2, .retry_first = 1ms, .retry_limit = 2ms}, metrics);
  std::map<std::uint64_t, int> settled;
  for (std::uint8_t i = 1; i <= 5; ++i) {
    archive.take({.tag = i, .message_id = batch_id(i), .type = "user", .body = std::to_string(i)});
  }
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (archive.unsettled() > 0 && std::chrono::steady_clock::now() < deadline) {
    for (const Settlement& settlement : archive.work(-1, 1ms)) ++settled[settlement.tag];
  }
  EXPECT_EQ(settled, (std::map<std::uint64_t, int>{{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}}));
  for (std::uint8_t i = 1; i <= 5; ++i) EXPECT_EQ(writer.objects[batch_name("user", i)], std::to_string(i));
  return writer.calls.size();
}

TEST(ArchiveFaults, AnyCallMayFailAndEveryMessageIsSettledOnce) {
  constexpr std::size_t kCalls = 6;  // one to prepare, five puts
  EXPECT_EQ(archive_five_failing_at(0), kCalls);
  for (std::size_t n = 1; n <= kCalls; ++n) {
    SCOPED_TRACE(n);
    EXPECT_EQ(archive_five_failing_at(n), n == 1 ? kCalls + 1 : kCalls + 2)
        << "a put prepares the store anew";
  }
}

TEST_F(ArchiveTest, PreparesTheStoreAnewBeforeItTriesAgain) {
  writer.fail_put_at = 1;
  archive.take(delivery(1, 11));
  work_until_settled(1);
  const std::string name = batch_name("transaction", 1);
  EXPECT_THAT(writer.calls, testing::ElementsAre("prepare", name, "prepare", name));
  EXPECT_TRUE(metrics_have("comporta_store_errors_total 1"));
}

TEST_F(ArchiveTest, WaitsForAStoreThatIsAway) {
  writer.failing_prepares = 5;
  archive.take(delivery(1, 11));
  work_until([&] { return writer.prepares == 3; });
  EXPECT_FALSE(archive.store_reachable());
  EXPECT_EQ(archive.unsettled(), 1U);
  EXPECT_EQ(writer.puts, 0);
  work_until_settled(1);
  EXPECT_TRUE(archive.store_reachable());
  EXPECT_EQ(writer.prepares, 6);
}

TEST_F(ArchiveTest, IsNotReachableFromAFailedWriteToItsSuccess) {
  writer.fail_put_at = 1;
  archive.take(delivery(1, 11));
  work_until([&] { return writer.puts == 1; });
  EXPECT_TRUE(archive.work(-1, 0ms).empty());
  EXPECT_FALSE(archive.store_reachable());
  work_until_settled(1);
  EXPECT_TRUE(archive.store_reachable());
}

TEST_F(ArchiveTest, AsksAnIdleStoreWhetherItIsThere) {
  Archive idle(writer, {.retry_first = 1ms, .retry_limit = 1ms, .probe_interval = 1ms}, metrics);
  const auto work_until_reachable_is = [&](bool wanted) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (idle.store_reachable() != wanted && std::chrono::steady_clock::now() < deadline) {
      (void)idle.work(-1, 1ms);
    }
    EXPECT_EQ(idle.store_reachable(), wanted);
  };
  work_until_reachable_is(true);
  writer.fail_call_at = writer.calls.size() + 1;
  work_until_reachable_is(false);
  EXPECT_EQ(writer.looks, 1);
  work_until_reachable_is(true);
  EXPECT_EQ(writer.prepares, 2) << "a store that was away has to take something first";
}

TEST_F(ArchiveTest, AStoreThatRefusesWritesIsNotReadyHoweverOftenItsMessagesAreGivenBack) {
  work_until([&] { return archive.ready(); });
  writer.refusing = true;
  for (std::uint64_t delivery_tag = 1; delivery_tag <= 3; ++delivery_tag) {
    archive.take(delivery(1, delivery_tag));
    work_until([&, puts = writer.puts] { return writer.puts > puts || writer.prepares > 3; });
    archive.forget();
    work_until([&, prepares = writer.prepares] { return writer.prepares >= prepares + 3; });
    EXPECT_FALSE(archive.ready());
  }
  writer.refusing = false;
  work_until([&] { return archive.ready(); });
  EXPECT_TRUE(settled.empty());
}

TEST_F(ArchiveTest, ForgetsWithoutReportingWhatIsInFlight) {
  work_until([&] { return archive.store_reachable(); });
  writer.holding = true;
  for (std::uint8_t i = 1; i <= 3; ++i) archive.take(delivery(i, i));
  EXPECT_TRUE(archive.work(-1, 0ms).empty());
  EXPECT_EQ(writer.puts, 2);  // the third waits
  archive.forget();
  EXPECT_EQ(archive.unsettled(), 0U);
  writer.holding = false;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(archive.work(-1, 0ms).empty());
  EXPECT_EQ(writer.puts, 2);

  for (std::uint8_t i = 1; i <= 3; ++i) archive.take(delivery(i, i + 100U));
  work_until_settled(3);
  EXPECT_THAT(tags(), testing::UnorderedElementsAre(101, 102, 103));
}

TEST_F(ArchiveTest, ForgetsTheParkedAndTheFailed) {
  work_until([&] { return archive.store_reachable(); });
  writer.fail_put_at = 1;
  archive.take(delivery(1, 1));
  EXPECT_TRUE(archive.work(-1, 0ms).empty());
  Delivery empty = delivery(2, 2);
  empty.body.clear();
  archive.take(empty);
  archive.forget();
  work_until([&] { return archive.store_reachable(); });  // nothing is left that could prove the store
  EXPECT_TRUE(settled.empty());
  EXPECT_EQ(writer.puts, 1);
}

TEST_F(ArchiveTest, CountsTheRecordsOfWhatIsWrittenAndHowLongEachPartHasTaken) {
  PartHeader header;
  header.upload = batch_id(1);
  header.received = rfc3339(WallClock::now() - 20s);
  Delivery taken = delivery(1, 11);
  taken.records = 7;
  taken.body.clear();
  append_part_line(taken.body, header, "{}");
  append_part_line(taken.body, header, "{}");
  archive.take(std::move(taken));
  archive.take(delivery(2, 12));
  work_until_settled(2);
  EXPECT_TRUE(metrics_have("comporta_records_stored_total 7"));
  EXPECT_TRUE(metrics_have("comporta_stored_seconds_count 2")) << "the other one's line does not say";
  EXPECT_TRUE(metrics_have("comporta_stored_seconds_bucket{le=\"10\"} 0"));
  EXPECT_TRUE(metrics_have("comporta_stored_seconds_bucket{le=\"30\"} 2"));
}

}  // namespace
}  // namespace comporta
