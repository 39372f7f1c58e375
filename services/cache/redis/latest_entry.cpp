#include "services/cache/redis/latest_entry.h"

#include <algorithm>

#include "common/base/text.h"

namespace comporta {

std::string latest_entry_start(const Group& group, const Part& part, std::string_view batch) {
  const auto records = group.records_of(part);
  std::string keys;
  for (const Record& record : records.last(std::min(records.size(), kRecent))) {
    if (!keys.empty()) keys += ',';
    append_json_string(keys, group.at(record.key));
  }
  return R"({"arrival":)" + std::to_string(part.received_ms) + R"(,"batch":)" + json_string(batch) +
         R"(,"upload":)" + json_string(group.at(part.upload)) + R"(,"keys":[)" + keys + "]";
}

}  // namespace comporta
