#pragma once
// A queue from any thread to one, whose descriptor the reader can wait on.

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "common/base/error.h"

namespace comporta {

template <typename T>
class Inbox {
 public:
  Inbox() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (fd_ < 0) throw TransientError("no event descriptor is to be had");
  }
  ~Inbox() { ::close(fd_); }
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  /// Any thread. Not bounded: the callers are.
  void post(T item) {
    bool wake = false;
    {
      const std::lock_guard lock(mutex_);
      wake = items_.empty();
      items_.push_back(std::move(item));
    }
    if (wake) poke();
  }

  /// The reader: everything posted so far, in order.
  std::vector<T> take() {
    std::uint64_t count = 0;
    // Cleared before the items are taken: a post in between wakes the reader once more, for nothing.
    [[maybe_unused]] const ssize_t ignored = ::read(fd_, &count, sizeof count);
    const std::lock_guard lock(mutex_);
    return std::exchange(items_, {});
  }

  /// Makes fd() readable without an item. Any thread.
  void poke() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t ignored = ::write(fd_, &one, sizeof one);  // full means: awake already
  }

  int fd() const { return fd_; }

 private:
  int fd_;
  std::mutex mutex_;
  std::vector<T> items_;
};

}  // namespace comporta
