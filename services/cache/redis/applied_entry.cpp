#include "services/cache/redis/applied_entry.h"

#include <charconv>

#include "common/base/error.h"

namespace comporta {

std::string applied_entry(std::string_view applied_at, const BatchCounts& counts, std::string_view kind) {
  return std::string(applied_at) + "," + std::to_string(counts.parts) + "," + std::to_string(counts.records) +
         "," + std::string(kind);
}

AppliedBatch parse_applied_entry(std::string_view entry) {
  entry = entry.substr(0, entry.find('\n'));
  const std::size_t first = entry.find(',');
  const std::size_t second = entry.find(',', first + 1);
  if (second == std::string_view::npos)
    throw TransientError("Redis: a foreign entry among the applied batches");
  AppliedBatch batch{std::string(entry.substr(0, first)), 0, 0};
  std::from_chars(entry.data() + first + 1, entry.data() + second, batch.parts);
  std::from_chars(entry.data() + second + 1, entry.data() + entry.size(), batch.records);
  return batch;
}

std::string_view failure_in(std::string_view entry, std::string_view mark) {
  const std::string start = "\n" + std::string(mark) + " ";
  const std::size_t at = entry.find(start);
  if (at == std::string_view::npos) return {};
  const std::string_view reason = entry.substr(at + start.size());
  return reason.substr(0, reason.find('\n'));
}

}  // namespace comporta
