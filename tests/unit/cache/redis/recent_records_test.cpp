#include "services/cache/redis/recent_records.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace comporta {
namespace {

std::string fingerprint(char of) {
  return std::string(kFingerprintBytes, of);
}

TEST(RecentRecords, TellWhatWasWrittenLast) {
  RecentRecords recent;
  EXPECT_FALSE(recent.find("a"));
  recent.put("a", fingerprint('1'), 10);
  recent.put("b", fingerprint('2'), 20);
  recent.put("a", fingerprint('3'), 30);
  ASSERT_TRUE(recent.find("a"));
  EXPECT_EQ(recent.find("a")->fingerprint, fingerprint('3'));
  EXPECT_EQ(recent.find("a")->arrival_ms, 30);
  ASSERT_TRUE(recent.find("b"));
  EXPECT_EQ(recent.find("b")->arrival_ms, 20);
}

TEST(RecentRecords, TellNothingOfWhatIsForgotten) {
  RecentRecords recent;
  recent.forget("a");
  recent.put("a", fingerprint('1'), 10);
  recent.put("b", fingerprint('1'), 10);
  recent.forget("a");
  EXPECT_FALSE(recent.find("a"));
  EXPECT_TRUE(recent.find("b"));
  recent.put("a", fingerprint('2'), 20);
  ASSERT_TRUE(recent.find("a"));
  EXPECT_EQ(recent.find("a")->fingerprint, fingerprint('2'));
  recent.clear();
  EXPECT_FALSE(recent.find("a"));
  EXPECT_FALSE(recent.find("b"));
}

TEST(RecentRecords, AreNoMoreThanAreWanted) {
  RecentRecords recent(8);
  for (int i = 0; i < 100; ++i) {
    recent.put("k" + std::to_string(i), fingerprint('1'), i);
    ASSERT_TRUE(recent.find("k" + std::to_string(i)));
    ASSERT_TRUE(recent.find("k" + std::to_string(std::max(i - 1, 0))));
  }
  int known = 0;
  for (int i = 0; i < 100; ++i) known += recent.find("k" + std::to_string(i)).has_value() ? 1 : 0;
  EXPECT_LE(known, 8);
  EXPECT_GE(known, 4);
}

// What is behind must not be told when what stood before it is gone.
TEST(RecentRecords, ForgetWhatIsOlderToo) {
  RecentRecords recent(4);
  recent.put("a", fingerprint('1'), 10);
  recent.put("b", fingerprint('1'), 10);
  recent.put("c", fingerprint('1'), 10);  // those are behind from here
  ASSERT_TRUE(recent.find("a"));
  recent.put("a", fingerprint('2'), 20);
  EXPECT_EQ(recent.find("a")->fingerprint, fingerprint('2'));
  recent.forget("a");
  EXPECT_FALSE(recent.find("a"));
  recent.forget("b");
  EXPECT_FALSE(recent.find("b"));
  EXPECT_TRUE(recent.find("c"));
}

}  // namespace
}  // namespace comporta
