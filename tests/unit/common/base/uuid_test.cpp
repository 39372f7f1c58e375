#include "common/base/uuid.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <thread>
#include <vector>

namespace comporta {
namespace {

using namespace std::chrono_literals;

// RFC 9562, appendix A.6: 2022-02-22T19:22:22.000Z.
constexpr std::string_view kExample = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
const WallClock::time_point kExampleTime{1'645'557'742'000ms};
constexpr std::array<std::uint8_t, 16> kExampleBytes = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFC, 0xC3,
                                                        0x18, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F};

TEST(UuidV7, OfTheSpecificationsExample) {
  EXPECT_EQ(uuid_v7_from(kExampleTime, kExampleBytes), kExample);
  EXPECT_EQ(uuid_v7_time(kExample), kExampleTime);
}

// RFC 9562, appendix B.2: of the SHA-256 of a name.
TEST(UuidV8, OfTheSpecificationsExample) {
  constexpr std::array<std::uint8_t, 16> kHash = {0x5C, 0x14, 0x6B, 0x14, 0x3C, 0x52, 0x4A, 0xFD,
                                                  0x93, 0x8A, 0x37, 0x5D, 0x0D, 0xF1, 0xFB, 0xF6};
  EXPECT_EQ(uuid_v8_from(kHash), "5c146b14-3c52-8afd-938a-375d0df1fbf6");
}

TEST(UuidV7, KeepsTheMillisecondsOfItsTime) {
  for (const auto time : {WallClock::time_point{}, WallClock::time_point{1ms}, kExampleTime + 999us,
                          WallClock::time_point::max()}) {
    EXPECT_EQ(uuid_v7_time(new_uuid_v7(time)), std::chrono::floor<std::chrono::milliseconds>(time));
  }
}

TEST(UuidV7, HasNoTimeBeyondTheClock) {
  EXPECT_TRUE(is_uuid_v7("ffffffff-ffff-7cc3-98c4-dc0c0c07398f"));
  EXPECT_EQ(uuid_v7_time("ffffffff-ffff-7cc3-98c4-dc0c0c07398f"), std::nullopt);
}

TEST(UuidV7, SortsByTime) {
  EXPECT_LT(new_uuid_v7(kExampleTime), new_uuid_v7(kExampleTime + 1ms));
}

TEST(UuidV7, NewOnesDifferOverThreads) {
  constexpr std::size_t kEach = 2'000;
  std::array<std::vector<std::string>, 4> made;
  std::vector<std::thread> threads;
  for (auto& mine : made) {
    threads.emplace_back([&mine] {
      for (std::size_t i = 0; i < kEach; ++i) mine.push_back(new_uuid_v7(kExampleTime));
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<std::string> all;
  for (const auto& mine : made) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), made.size() * kEach);
  for (const auto& uuid : all) ASSERT_TRUE(is_uuid_v7(uuid)) << uuid;
}

TEST(UuidV7, RefusesEverythingElse) {
  EXPECT_TRUE(is_uuid_v7(kExample));
  for (const auto* bad : {
           "",
           "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
           "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
           "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",  // upper case
           "017f22e2-79b0-4cc3-98c4-dc0c0c07398f",  // version 4
           "017f22e2-79b0-7cc3-c8c4-dc0c0c07398f",  // variant 110
           "017f22e2-79b0-7cc3-78c4-dc0c0c07398f",  // variant 0
           "017f22e2079b0-7cc3-98c4-dc0c0c07398f",  // a digit for a hyphen
           "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
           "../../../../7cc3-98c4-dc0c0c07398fxx",
       }) {
    EXPECT_FALSE(is_uuid_v7(bad)) << bad;
    EXPECT_EQ(uuid_v7_time(bad), std::nullopt) << bad;
  }
}

TEST(CanonicalUuid, IsInLowerCaseOfWhateverVersion) {
  EXPECT_EQ(canonical_uuid("017F22E2-79b0-7CC3-98C4-DC0C0C07398F"), kExample);
  EXPECT_EQ(canonical_uuid("F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6"), "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
  for (const auto* none : {"", "F81D4FAE7DEC11D0A76500A0C91E6BF6", "{81D4FAE-7DEC-11D0-A765-00A0C91E6BF}",
                           "F81D4FAE-7DEC-11D0-A765-00A0C91E6BFG", "F81D4FAE-7DEC-11D0-A765000A0C91E6BF6"})
    EXPECT_EQ(canonical_uuid(none), std::nullopt) << none;
}

TEST(UuidV7Sequence, IsInOrderWhateverTheClockSays) {
  UuidV7Sequence sequence;
  const WallClock::time_point now = WallClock::now();
  std::string last = sequence.next(now);
  const auto follows = [&](WallClock::time_point time) {
    const std::string id = sequence.next(time);
    return is_uuid_v7(id) && std::exchange(last, id) < id;
  };
  for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(follows(now)) << i;
  EXPECT_TRUE(follows(now - std::chrono::hours(1)));
  EXPECT_TRUE(follows(now + std::chrono::hours(1)));
  EXPECT_EQ(uuid_v7_time(last), std::chrono::floor<std::chrono::milliseconds>(now + std::chrono::hours(1)));
}

}  // namespace
}  // namespace comporta
