#include "common/daemon/part_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/text.h"

namespace comporta {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

class PartStatusTest : public testing::Test {
 protected:
  std::string said() {
    status_.tick();
    return status_.json();
  }
  std::string in_state(const std::string& state, WallClock::time_point since, int lag,
                       const std::string& words) {
    return "{\"state\":\"" + state + "\",\"since\":\"" + rfc3339(since) +
           "\",\"lag_seconds\":" + std::to_string(lag) + ",\"words\":\"" + words + "\"}";
  }

  WallClock::time_point time_ = WallClock::time_point(seconds(1'800'000'000));
  PartNow now_;
  PartStatus status_{{.works = "All is stored.", .late = "It is stored later."},
                     [this] { return now_; },
                     [this] { return time_; }};
};

TEST_F(PartStatusTest, WorksFromItsStartOn) {
  const auto start = time_;
  time_ += seconds(100);
  EXPECT_EQ(said(), in_state("works", start, 0, "All is stored."));
}

TEST_F(PartStatusTest, IsLateOnceSomethingHasWaitedForLong) {
  const auto start = time_;
  now_.behind_since = time_;
  time_ += PartStatus::kLate - milliseconds(1);
  EXPECT_EQ(said(), in_state("works", start, 9, "All is stored."));
  time_ += milliseconds(1);
  EXPECT_EQ(said(), in_state("late", start, 10, "It is stored later."));
  time_ += seconds(5);
  EXPECT_EQ(said(), in_state("late", start, 15, "It is stored later.")) << "since then";
  now_.behind_since = time_;
  EXPECT_EQ(said(), in_state("works", time_, 0, "All is stored."));
}

TEST_F(PartStatusTest, IsStoppedByATroubleThatLasts) {
  const auto start = time_;
  now_.trouble = "Nothing is \"stored\".";
  EXPECT_EQ(said(), in_state("works", start, 0, "All is stored."));
  time_ += PartStatus::kStopped - milliseconds(1);
  EXPECT_THAT(said(), HasSubstr("works"));
  now_.trouble.clear();
  EXPECT_THAT(said(), HasSubstr("works"));
  now_.trouble = "Nothing is \"stored\".";
  const auto again = time_;
  EXPECT_THAT(said(), HasSubstr("works")) << "it was over in between";
  time_ += PartStatus::kStopped;
  now_.behind_since = start;
  EXPECT_EQ(said(), in_state("stopped", again, 5, R"(Nothing is \"stored\".)"));
  now_ = {};
  EXPECT_EQ(said(), in_state("works", time_, 0, "All is stored."));
}

TEST_F(PartStatusTest, AClockThatWasSetBackIsNoLag) {
  now_.behind_since = time_ + seconds(7);
  EXPECT_THAT(said(), HasSubstr("\"lag_seconds\":0"));
}

}  // namespace
}  // namespace comporta
