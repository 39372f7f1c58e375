#include "common/base/inbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <memory>
#include <thread>

namespace comporta {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Whether whoever waits on the inbox is woken within so many milliseconds.
template <typename T>
bool wakes(const Inbox<T>& inbox, int limit = 0) {
  pollfd waited{.fd = inbox.fd(), .events = POLLIN, .revents = 0};
  return ::poll(&waited, 1, limit) == 1;
}

TEST(Inbox, APostWakesTheReaderUntilItTakesAllInOrder) {
  Inbox<int> inbox;
  EXPECT_FALSE(wakes(inbox));
  for (const int item : {1, 2, 3}) inbox.post(item);
  EXPECT_TRUE(wakes(inbox));
  EXPECT_THAT(inbox.take(), ElementsAre(1, 2, 3));
  EXPECT_FALSE(wakes(inbox));
  EXPECT_THAT(inbox.take(), IsEmpty());
  inbox.post(4);
  EXPECT_TRUE(wakes(inbox));
}

TEST(Inbox, APokeWakesTheReaderForNothing) {
  Inbox<int> inbox;
  inbox.poke();
  EXPECT_TRUE(wakes(inbox));
  EXPECT_THAT(inbox.take(), IsEmpty());
  EXPECT_FALSE(wakes(inbox));
}

TEST(Inbox, WhatIsNotTakenEndsWithIt) {
  const auto item = std::make_shared<int>(1);
  {
    Inbox<std::shared_ptr<int>> inbox;
    inbox.post(item);
    EXPECT_EQ(item.use_count(), 2);
  }
  EXPECT_EQ(item.use_count(), 1);
}

// A reader that sleeps though something has been posted sleeps for good: later posts wake nobody.
TEST(Inbox, AReaderThatSleepsInBetweenMissesNoPost) {
  constexpr int kPosts = 20'000;
  constexpr int kPatience = 20'000;
  Inbox<int> inbox;
  std::jthread poster([&] {
    for (int i = 0; i < kPosts; ++i) inbox.post(i);
  });
  int next = 0;
  while (next < kPosts) {
    ASSERT_TRUE(wakes(inbox, kPatience)) << "after " << next;
    for (const int item : inbox.take()) ASSERT_EQ(item, next++);
  }
}

}  // namespace
}  // namespace comporta
