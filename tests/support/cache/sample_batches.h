#pragma once
// Kinds, part lines and groups for the cache's tests.

#include <string>
#include <string_view>
#include <vector>

#include "common/base/text.h"
#include "common/base/uuid.h"
#include "common/broker/message.h"
#include "common/kinds/kind.h"
#include "services/cache/apply/group.h"
#include "services/cache/apply/part_line.h"

namespace comporta {

inline const std::string kDigestA(64, 'a');
inline const std::string kDigestB(64, 'b');

inline Kind sample_kind() {
  Kind kind;
  kind.name = "transaction";
  kind.key = "_id";
  kind.cache_fields = {"cliente", "email"};
  return kind;
}

/// `{"_id":"<key>","cliente":"<client>"}`; the key is JSON already, without its quotes.
inline std::string sample_record(std::string_view key, std::string_view client = "Ana") {
  return R"({"_id":")" + std::string(key) + R"(","cliente":")" + std::string(client) + R"("})";
}

inline constexpr const char* kSampledPart = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
inline constexpr const char* kUnsampledPart = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

struct SamplePart {
  std::string upload = new_uuid_v7();
  std::size_t part = 1;
  std::string digest = {};
  std::string records = sample_record("k1");
  std::string action = {};
  std::string received = rfc3339(WallClock::now());
  std::string principal = {};
  std::vector<std::string> roles = {};
  std::size_t parts = 0;  ///< 0: as many as `part`
  std::size_t first = 0;
  std::string traceparent = kUnsampledPart;

  /// With its line break.
  std::string line() const {
    std::string out;
    append_part_line(out,
                     {.upload = upload,
                      .part = part,
                      .parts = parts == 0 ? part : parts,
                      .first = first,
                      .received = received,
                      .traceparent = traceparent,
                      .principal = principal,
                      .roles = roles,
                      .digest = digest,
                      .action = action},
                     records);
    return out;
  }
};

struct SampleBatch {
  std::string id = new_uuid_v7();
  std::vector<SamplePart> parts = {};
};

/// Throws std::runtime_error when a part cannot be read.
inline Group sample_group(const Kind& kind, const std::vector<SampleBatch>& batches) {
  PartReader reader(kind);
  Group group;
  for (const SampleBatch& batch : batches) {
    group.add_batch(batch.id);
    for (const SamplePart& part : batch.parts) {
      const std::string line = part.line();
      const auto fault = reader.read(std::string_view(line).substr(0, line.size() - 1), group);
      if (fault) throw std::runtime_error(*fault);
    }
  }
  return group;
}

}  // namespace comporta
