#include "services/ingest-gateway/batcher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/unit/ingest_gateway/uploads.h"

namespace comporta::gateway {
namespace {

using namespace std::chrono_literals;

class BatcherTest : public testing::Test {
 protected:
  std::shared_ptr<Upload> add(std::size_t records, std::size_t bytes = 100,
                              const std::string& kind = "transaction") {
    auto upload = upload_of(clients, records, bytes, kind);
    batcher.add(upload);
    return upload;
  }
  std::optional<Batch> next() { return batcher.next(now); }

  Clients clients;
  Batcher batcher{BatchSettings{.gap_per_mebibyte = 0us}};
  Batcher::Clock::time_point now{1h};
};

TEST_F(BatcherTest, ALoneUploadGoesOutAtOnce) {
  const auto upload = add(1);
  EXPECT_LE(*batcher.due(), now);
  const auto batch = next();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->parts, 1U);
  EXPECT_EQ(batch->kind, "transaction");
  EXPECT_EQ(upload->batches, std::vector{batch->id});
  EXPECT_TRUE(is_part_of(batch->body, upload->header.upload));
  EXPECT_TRUE(batcher.empty());
}

TEST_F(BatcherTest, WhatComesMeanwhileWaitsAndGoesOutTogether) {
  add(1);
  ASSERT_TRUE(next());
  for (int i = 0; i < 20; ++i) add(1);
  EXPECT_FALSE(next()) << "something is in flight";
  EXPECT_FALSE(batcher.due());
  batcher.landed();
  now += 21 * 125us;
  const auto batch = next();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->parts, 20U);
  EXPECT_EQ(std::ranges::count(batch->body, '\n'), 20);
}

TEST_F(BatcherTest, AfterABatchOfSeveralTheNextWaitsAGapThatGrowsWithThem) {
  for (int i = 0; i < 16; ++i) add(1);
  ASSERT_TRUE(next());
  batcher.landed();
  add(1);
  EXPECT_FALSE(next());
  ASSERT_TRUE(batcher.due());
  EXPECT_EQ(*batcher.due(), now + 16 * 125us);
  now = *batcher.due();
  EXPECT_TRUE(next());
  batcher.landed();
  add(1);
  EXPECT_TRUE(next()) << "a batch of one is followed by no gap";
  batcher.landed();
  for (int i = 0; i < 1000; ++i) add(1);
  ASSERT_TRUE(next());
  batcher.landed();
  add(1);
  EXPECT_EQ(*batcher.due(), now + 20ms) << "and no gap is longer than the longest of that machine";
}

TEST_F(BatcherTest, OnASlowMachineTheGapIsLongerUpToTheLongestThatIsAllowed) {
  for (int i = 0; i < 16; ++i) add(1);
  ASSERT_TRUE(next());
  batcher.landed();
  add(1);
  batcher.slow_down(3);
  EXPECT_EQ(*batcher.due(), now + 3 * 16 * 125us);
  batcher.slow_down(100);
  EXPECT_EQ(*batcher.due(), now + 60ms);
}

TEST_F(BatcherTest, TheGapGrowsWithTheBytesToo) {
  batcher = Batcher(BatchSettings{.gap_per_upload = 0us, .gap_per_mebibyte = 8ms});
  for (int i = 0; i < 4; ++i) add(512, 256);
  ASSERT_TRUE(next());
  batcher.landed();
  add(1);
  EXPECT_GT(*batcher.due(), now + 3ms);
  EXPECT_LT(*batcher.due(), now + 5ms);
}

TEST_F(BatcherTest, ALargeUploadAloneWaitsForNobody) {
  batcher = Batcher(BatchSettings{});
  add(10'500);
  std::size_t parts = 0;
  while (auto batch = next()) {
    parts += batch->parts;
    batcher.landed();
  }
  EXPECT_EQ(parts, 11U);
}

TEST_F(BatcherTest, TheGapIsOverWhenAsManyAreBack) {
  for (int i = 0; i < 16; ++i) add(1);
  ASSERT_TRUE(next());
  batcher.landed();
  for (int i = 0; i < 15; ++i) add(1);
  EXPECT_FALSE(next());
  add(1);
  const auto batch = next();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->parts, 16U);
}

TEST_F(BatcherTest, ThoseWhoWaitedWhenItLandedAreAwaitedWithThem) {
  for (int i = 0; i < 8; ++i) add(1);
  ASSERT_TRUE(next());
  for (int i = 0; i < 8; ++i) add(1);
  batcher.landed();
  EXPECT_EQ(*batcher.due(), now + 16 * 125us) << "so that they do not go out in turns for ever";
  for (int i = 0; i < 7; ++i) add(1);
  EXPECT_FALSE(next());
  add(1);
  const auto batch = next();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->parts, 16U);
}

TEST_F(BatcherTest, KindsThatWentOutSideBySideAreAwaitedTogether) {
  for (int i = 0; i < 4; ++i) add(1);
  for (int i = 0; i < 4; ++i) add(1, 100, "customer");
  ASSERT_TRUE(next());
  ASSERT_TRUE(next());
  batcher.landed();
  batcher.landed();
  for (int i = 0; i < 7; ++i) add(1);
  EXPECT_FALSE(next());
  add(1, 100, "customer");
  EXPECT_TRUE(next());
  EXPECT_TRUE(next());
}

TEST_F(BatcherTest, FullBatchesGoOutSideBySideUpToTheLimit) {
  add(60'000);  // about 6 MB
  for (int i = 0; i < 4; ++i) {
    const auto batch = next();
    ASSERT_TRUE(batch) << i;
    EXPECT_LE(batch->body.size(), kMaxBatchBytes);
    EXPECT_GT(batch->body.size(), kMaxBatchBytes * 8 / 10);
  }
  EXPECT_FALSE(next());
  batcher.landed();
  EXPECT_TRUE(next());
}

TEST_F(BatcherTest, ASmallUploadIsInTheNextBatchHoweverMuchWaits) {
  for (int i = 0; i < 8; ++i) add(50'000);
  const auto small = add(1);
  const auto batch = next();
  ASSERT_TRUE(batch);
  EXPECT_TRUE(std::ranges::count(batch->uploads, small));
  EXPECT_GT(batch->parts, 1U) << "and the large ones are not held up by it";
}

TEST_F(BatcherTest, LargeUploadsTakeTurns) {
  const auto one = add(20'000);
  const auto two = add(20'000);
  const auto batch = next();
  ASSERT_TRUE(batch);
  EXPECT_EQ(std::ranges::count(batch->uploads, one), std::ranges::count(batch->uploads, two));
}

TEST_F(BatcherTest, EveryPartGoesOutOnceAndInOrder) {
  const auto upload = add(10'500);
  std::vector<std::string> lines;
  while (auto batch = next()) {
    std::string_view rest = batch->body;
    while (!rest.empty()) {
      lines.emplace_back(rest.substr(0, rest.find('\n')));
      rest.remove_prefix(rest.find('\n') + 1);
    }
    batcher.landed();
  }
  ASSERT_EQ(lines.size(), 11U);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string want = "\"part\":" + std::to_string(i + 1) + ",\"parts\":11,";
    EXPECT_NE(lines[i].find(want), std::string::npos) << lines[i].substr(0, 200);
  }
  EXPECT_EQ(std::set(upload->batches.begin(), upload->batches.end()).size(), upload->batches.size());
}

TEST_F(BatcherTest, KindsDoNotShareABatchAndDoNotWaitForEachOther) {
  add(1, 100, "seller");
  add(1, 100, "product");
  const auto first = next();
  const auto second = next();
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->kind, second->kind);
  add(1, 100, "seller");
  batcher.landed();
  EXPECT_FALSE(next()) << "one of them is still in flight";
}

TEST_F(BatcherTest, AnUploadNobodyWaitsForIsDropped) {
  add(1)->responder.send({});
  add(5'000)->responder.send({});
  EXPECT_FALSE(next());
  EXPECT_TRUE(batcher.empty());
}

TEST_F(BatcherTest, AtTheEndEveryUploadThatWaitsIsGivenBackOnce) {
  const auto begun = add(30'000);
  ASSERT_TRUE(next()) << "of it the first parts go out";
  const std::vector others = {add(1), add(1, 100, "seller"), add(5'000, 100, "seller")};
  const auto left = batcher.take_all();
  EXPECT_EQ(left.size(), 4U);
  EXPECT_TRUE(std::ranges::count(left, begun));
  for (const auto& other : others) EXPECT_TRUE(std::ranges::count(left, other));
  EXPECT_TRUE(batcher.empty());
  EXPECT_TRUE(batcher.take_all().empty());
}

TEST_F(BatcherTest, ALineNeverMakesABatchTooLarge) {
  for (int i = 0; i < 9; ++i) add(1, 250 * 1024);
  while (auto batch = next()) {
    EXPECT_LE(batch->body.size(), kMaxBatchBytes);
    batcher.landed();
    now += 20ms;
  }
  EXPECT_TRUE(batcher.empty());
}

TEST(CutIntoParts, ObeysBothLimitsAndLosesNothing) {
  Clients clients;
  EXPECT_EQ(upload_of(clients, 1)->parts.size(), 1U);
  EXPECT_EQ(upload_of(clients, 1'000)->parts.size(), 1U);
  EXPECT_EQ(upload_of(clients, 1'001)->parts.size(), 2U);
  const auto wide = upload_of(clients, 9, 250 * 1024);
  std::size_t next = 0;
  for (const PartRange& part : wide->parts) {
    EXPECT_EQ(part.first, next);
    EXPECT_LE(part.bytes, kMaxPartRecordBytes);
    next += part.count;
  }
  EXPECT_EQ(next, 9U);
}

TEST(UploadPart, IsTheRecordsOwnBytesJoinedByCommas) {
  Clients clients;
  const auto upload = upload_of(clients, 2, 4);
  std::string line;
  upload->append_part(line, 0);
  EXPECT_TRUE(line.ends_with("\"records\":[\"rr\",\"rr\"]}\n")) << line;
}

}  // namespace
}  // namespace comporta::gateway
