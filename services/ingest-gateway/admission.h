#pragma once
// Which uploads are let in while the consumers are behind.

#include <atomic>
#include <cstdint>
#include <map>
#include <string>

namespace comporta::gateway {

/// While less than half of `limit` messages wait all are let in; from `limit` on, none; in between a share
/// that falls with each message. So what is let in settles at what the consumers take out, and does not swing
/// between all and nothing. (The idea is that of Random Early Detection, Floyd and Jacobson 1993; the
/// refusals are spread evenly, not by chance.)
class Admission {
 public:
  /// `limit` is of messages, at least 1.
  explicit Admission(std::uint64_t limit) : limit_(limit) {}

  /// How many messages wait in one of the queues; the deepest counts. Always called by the same thread. Logs
  /// when consumers have fallen behind or caught up.
  void set_depth(const std::string& queue, std::uint64_t messages);
  /// Whether the next upload is let in. Any thread.
  bool let_in();

 private:
  const std::uint64_t limit_;
  std::map<std::string, std::uint64_t> depths_;
  bool behind_ = false;                    ///< as logged
  std::atomic<std::uint32_t> refused_{0};  ///< of so many in a row: kShares
  std::atomic<std::uint64_t> asked_{0};
};

}  // namespace comporta::gateway
