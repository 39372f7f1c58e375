// What an operator has sent back, as the operator's tool notes it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/uuid.h"
#include "services/cache/redis/store.h"
#include "tests/contract/cache/redis/redis_access.h"

namespace comporta {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SentBackTest : public ::testing::Test {
 protected:
  /// The batch, remembered like that.
  std::string remember(const std::string& what) {
    std::string batch = new_uuid_v7();
    redis.ask({"HSET", redis.prefix() + ":applied", batch, "2026-11-22T14:03:05.123Z," + what});
    return batch;
  }
  void note(const std::string& batch, const std::string& notes) {
    redis.ask({"HSET", redis.prefix() + ":sent-back", batch, notes});
  }

  RedisAccess redis;
  RedisStore store{redis.settings()};
};

TEST_F(SentBackTest, CountsWhatWasAppliedOfItThere) {
  const std::string last = remember("1,5,sale");
  const std::string next = remember("2,20,sale\n- a fault");
  const std::string batch = remember("0,0,sale\n- a fault\n- another\n- a third");
  note(next, "1 " + last);
  note(batch, "3 " + next + "\n1 " + new_uuid_v7());
  const AppliedBatch found = store.find_batch(batch).value();
  EXPECT_EQ(found.parts, 3U);
  EXPECT_EQ(found.records, 25U);
  EXPECT_THAT(found.parked, ElementsAre(ParkedPart{"", 0, "a fault"}, ParkedPart{"", 0, "another"}));
}

TEST_F(SentBackTest, CountsOnceWhatCameTwiceAndPassesOverWhatIsNotThere) {
  const std::string next = remember("1,1,sale");
  const std::string batch = remember("0,0,sale\n- a fault\n- a fault");
  note(batch, "1 " + next + "\n2 " + next + "\n0 " + next + "\n3 " + next + "\nnothing");
  const AppliedBatch found = store.find_batch(batch).value();
  EXPECT_EQ(found.records, 1U);
  EXPECT_THAT(found.parked, IsEmpty());
}

}  // namespace
}  // namespace comporta
