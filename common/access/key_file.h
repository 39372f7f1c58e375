#pragma once
// The key ring in a file, read again when another one has taken its place: so one key follows another while
// everything runs. Any thread.

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/access/key_ring.h"

namespace comporta {

/// Reads it once. Faults go to `faults`, without anything of a key in them; the ring is then empty.
KeyRing read_key_ring(const std::filesystem::path& file, std::vector<std::string>& faults);

class KeyFile {
 public:
  /// An empty `file`: there are no keys. What cannot be read counts as none, and is logged.
  explicit KeyFile(std::filesystem::path file);

  std::shared_ptr<const KeyRing> ring() const;
  /// Reads the file if another one has taken its place; looks at most once a second. One that cannot be read
  /// changes nothing. Returns what ring() does from then on.
  std::shared_ptr<const KeyRing> look_again();
  /// When the file was written that was read last; nothing: none has been.
  std::optional<std::chrono::system_clock::time_point> written() const;

 private:
  using Clock = std::chrono::steady_clock;
  /// Which file it is; another one has another.
  std::string stamp() const;
  void read();

  const std::filesystem::path file_;
  mutable std::mutex mutex_;
  std::shared_ptr<const KeyRing> ring_ = std::make_shared<KeyRing>();
  std::string stamp_;
  std::optional<std::chrono::system_clock::time_point> written_;
  Clock::time_point looked_ = {};
};

}  // namespace comporta
