#include "common/base/backoff.h"

#include <gtest/gtest.h>

#include <set>

namespace comporta {
namespace {

using std::chrono::milliseconds;

void expect_between(milliseconds pause, milliseconds low, milliseconds high) {
  EXPECT_GE(pause, low);
  EXPECT_LE(pause, high);
}

TEST(Backoff, DoublesUpToItsLimit) {
  for (int round = 0; round < 200; ++round) {
    Backoff backoff(milliseconds(200), milliseconds(1'000));
    expect_between(backoff.next(), milliseconds(100), milliseconds(200));
    expect_between(backoff.next(), milliseconds(200), milliseconds(400));
    expect_between(backoff.next(), milliseconds(400), milliseconds(800));
    expect_between(backoff.next(), milliseconds(500), milliseconds(1'000));
    expect_between(backoff.next(), milliseconds(500), milliseconds(1'000));
  }
}

TEST(Backoff, StartsAgainAfterReset) {
  Backoff backoff(milliseconds(200), milliseconds(5'000));
  for (int i = 0; i < 10; ++i) backoff.next();
  backoff.reset();
  expect_between(backoff.next(), milliseconds(100), milliseconds(200));
}

TEST(Backoff, PausesDiffer) {
  std::set<milliseconds> pauses;
  for (int i = 0; i < 100; ++i) pauses.insert(Backoff(milliseconds(10'000), milliseconds(10'000)).next());
  EXPECT_GT(pauses.size(), 10u);
}

}  // namespace
}  // namespace comporta
