// What is remembered of uploads, as the views' prelude writes it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/uuid.h"
#include "services/cache/redis/store.h"
#include "tests/contract/cache/redis/redis_access.h"
#include "tests/support/cache/sample_batches.h"

namespace comporta {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class UploadsTest : public ::testing::Test {
 protected:
  void remember(const std::vector<std::string>& fields) {
    std::vector<std::string> words = {"HSET", redis.prefix() + ":outcome:" + upload};
    words.insert(words.end(), fields.begin(), fields.end());
    redis.ask(words);
  }

  const std::string upload = new_uuid_v7();
  RedisAccess redis;
  RedisStore store{redis.settings()};
};

TEST_F(UploadsTest, OfWhatNobodyHasSentNothingIsKnown) {
  EXPECT_EQ(store.find_upload(upload), UploadOutcome{});
}

TEST_F(UploadsTest, ReadsWhatBecameOfOne) {
  remember({"principal", "member/a:n/a", "parts", "2", "part:1", "1000", "part:2", "7", "more", "3", "1003",
            R"({"key":"k\"","outcome":"refused","reason":"it is somebody else's"})", "7",
            R"({"reason":"","outcome":"late","key":"\u00e1"})"});
  const UploadOutcome expected{
      .principal = "member/a:n/a",
      .parts = 2,
      .records_of = {{1, 1000}, {2, 7}},
      .not_applied = {{7, {"á", "late", ""}}, {1003, {"k\"", "refused", "it is somebody else's"}}},
      .more = 3};
  EXPECT_EQ(store.find_upload(upload), expected);
}

TEST_F(UploadsTest, PassesOverWhatAnotherHandHasWritten) {
  remember({"parts", "two", "part:", "1", "part:x", "1", "-1", "{}", "5", "no JSON", "other", "1"});
  EXPECT_EQ(store.find_upload(upload), (UploadOutcome{.not_applied = {{5, {}}}}));
}

TEST_F(UploadsTest, KnowsWhatCameWithAKeyByTheMarkOfItsFirstPart) {
  const Kind kind = sample_kind();
  SampleBatch batch{.parts = {{.upload = upload, .digest = kDigestA}}};
  store.apply(sample_group(kind, {batch}));
  EXPECT_TRUE(store.find_upload(upload).is_marked);
  EXPECT_FALSE(store.find_upload(new_uuid_v7()).is_marked);
}

TEST_F(UploadsTest, TellsOfManyBatchesAtOnceWhetherTheyAreThere) {
  const Kind kind = sample_kind();
  const SampleBatch batch{.parts = {{}}};
  store.apply(sample_group(kind, {batch}));
  EXPECT_THAT(store.are_applied({new_uuid_v7(), batch.id, new_uuid_v7()}), ElementsAre(false, true, false));
  EXPECT_THAT(store.are_applied({}), IsEmpty());
}

}  // namespace
}  // namespace comporta
