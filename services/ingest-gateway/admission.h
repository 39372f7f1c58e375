#pragma once
// Which uploads are let in while the consumers are behind.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

namespace comporta::gateway {

/// What may wait in a queue. Each at least 1.
struct BacklogLimits {
  std::uint64_t messages = 50'000;
  std::uint64_t bytes = std::uint64_t{2} << 30;
};

/// While less than half of each limit waits all are let in; from a limit on, none; in between a share that
/// falls with each message. So what is let in settles at what the consumers take out, and does not swing
/// between all and nothing. (The idea is that of Random Early Detection, Floyd and Jacobson 1993; the
/// refusals are spread evenly, not by chance.)
///
/// Bytes are those of messages unpacked: what waits is a load for those that take it, more than for the
/// broker's disk.
///
/// The broker tells how many messages wait, not how large they are, and that differs a thousandfold: the
/// busier the machine, the more uploads go into one. So they are taken to be those published last: exact for
/// one gateway, near for several that share the load.
class Admission {
 public:
  explicit Admission(const BacklogLimits& limits) : limits_(limits) {}

  // The publisher's thread.
  void published(std::size_t bytes);
  /// How many messages wait in one of the queues; the deepest counts. Logs when consumers have fallen behind
  /// or caught up.
  void set_depth(const std::string& queue, std::uint64_t messages);

  /// Whether the next upload is let in. Any thread.
  bool let_in();
  /// Whether some are not. Any thread.
  bool refuses() const { return refused_ > 0; }

 private:
  double bytes_of_latest(std::uint64_t messages) const;

  const BacklogLimits limits_;
  std::deque<std::size_t> sizes_;  ///< of the messages published last, the newest in front
  std::map<std::string, std::uint64_t> depths_;
  bool behind_ = false;                    ///< as logged
  std::atomic<std::uint32_t> refused_{0};  ///< of so many in a row: kShares
  std::atomic<std::uint64_t> asked_{0};
};

}  // namespace comporta::gateway
