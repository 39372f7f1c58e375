#include "common/base/worker_pool.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <atomic>
#include <future>
#include <latch>

namespace comporta {
namespace {

TEST(WorkerPool, RunsWhatIsQueuedBeforeItEnds) {
  std::atomic<int> done = 0;
  {
    WorkerPool pool("test", 3, 1'000);
    for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(pool.submit([&] { ++done; }));
  }
  EXPECT_EQ(done, 1'000);
}

TEST(WorkerPool, RefusesWhatDoesNotFitItsQueue) {
  std::latch running(1);
  std::promise<void> release;
  std::atomic<int> done = 0;
  {
    WorkerPool pool("test", 1, 2);
    ASSERT_TRUE(pool.submit([&] {
      running.count_down();
      release.get_future().wait();
    }));
    running.wait();  // it is being done, and does not count as waiting
    EXPECT_TRUE(pool.submit([&] { ++done; }));
    EXPECT_TRUE(pool.submit([&] { ++done; }));
    EXPECT_FALSE(pool.submit([&] { done += 100; }));
    release.set_value();
  }
  EXPECT_EQ(done, 2);
}

TEST(WorkerPool, UsesAllItsThreads) {
  std::latch both(2);
  WorkerPool pool("test", 2, 2);
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(pool.submit([&] { both.arrive_and_wait(); }));
  both.wait();
}

TEST(WorkerPool, NamesItsThreads) {
  std::promise<std::string> name;
  WorkerPool pool("validate-uploads-slowly", 1, 1);
  ASSERT_TRUE(pool.submit([&] {
    std::array<char, 16> text{};
    pthread_getname_np(pthread_self(), text.data(), text.size());
    name.set_value(text.data());
  }));
  EXPECT_EQ(name.get_future().get(), "validate-upload");
}

}  // namespace
}  // namespace comporta
