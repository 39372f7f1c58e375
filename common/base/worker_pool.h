#pragma once
// A few threads for work that would hold up an HTTP thread.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace comporta {

class WorkerPool {
 public:
  /// `queue_limit` is the number of jobs that may wait.
  WorkerPool(const std::string& name, int threads, std::size_t queue_limit);
  /// Runs what is queued, then joins.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Any thread. False, and nothing done, when the queue is full. A job must not throw.
  [[nodiscard]] bool submit(std::function<void()> job);

 private:
  void run();

  std::size_t queue_limit_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace comporta
