#pragma once
// Reading the lines of a batch (common/broker/message.h).

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/kinds/kind.h"
#include "services/cache/apply/group.h"

namespace comporta {

/// Reads the part lines of one kind, in one pass and without building a document: of each record only its
/// key and its time are decoded, the values of the fields that are kept (kept_fields.h) stay the bytes they
/// are. Used by one thread.
class PartReader {
 public:
  /// `kind` must outlive the reader and every group it fills.
  explicit PartReader(const Kind& kind);
  ~PartReader();
  PartReader(const PartReader&) = delete;
  PartReader& operator=(const PartReader&) = delete;

  /// Adds the part to the group's last batch; `line` is without its line break. If it is not a well-formed
  /// part of this kind with 1 to kMaxPartRecords records, leaves the group as it was and returns why, quoting
  /// nothing of the line.
  std::optional<std::string> read(std::string_view line, Group& group);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace comporta
