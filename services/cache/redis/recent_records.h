#pragma once
// What this daemon has written last of records that are compared (views.compares): as long as nobody else
// writes, Redis need not be asked for it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "services/cache/redis/record_header.h"

namespace comporta {

/// Of the last some ten thousand records; what is older is forgotten in one go. One thread.
class RecentRecords {
 public:
  struct Written {
    std::string_view fingerprint;  ///< good until the next change
    std::int64_t arrival_ms;
  };

  explicit RecentRecords(std::size_t most = 65'536) : half_(most / 2) {}

  /// Nothing: Redis has to be asked. `key` is that of Redis.
  std::optional<Written> find(std::string_view key) const;
  /// `fingerprint` of kFingerprintBytes.
  void put(std::string_view key, std::string_view fingerprint, std::int64_t arrival_ms);
  void forget(std::string_view key);
  void clear();

 private:
  struct Entry {
    std::array<char, kFingerprintBytes> fingerprint;
    std::int64_t arrival_ms;
    bool known;  ///< one that is forgotten keeps its place, for nothing is taken back from a generation
  };
  struct Generation {
    std::pmr::monotonic_buffer_resource memory;
    std::pmr::unordered_map<std::string_view, Entry> entries{&memory};
  };

  Generation& current();

  std::size_t half_;
  std::unique_ptr<Generation> current_;   ///< may be none
  std::unique_ptr<Generation> previous_;  ///< may be none; behind it
};

}  // namespace comporta
