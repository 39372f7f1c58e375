#pragma once
// The rule by which a repeat is recognised, the same for every store. Pure.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/cache/apply/group.h"

namespace comporta {

enum class PartOutcome {
  kApplied,
  kRepeated,  ///< has been applied before; nothing was changed
  kConflict,  ///< another body has been applied under its upload id; nothing was changed
  kFailed,    ///< it was parked when its batch came first, or its kind's views cannot take it; nothing was
              ///< changed
};

/// Why a part is parked that is in conflict.
inline constexpr std::string_view kConflictReason =
    "conflict: another upload came with the same Idempotency-Key before";

/// A plain outcome is one without a reason.
struct PartResult {
  // NOLINTNEXTLINE(google-explicit-constructor): mostly there is only the outcome
  PartResult(PartOutcome what, std::string why = {}) : outcome(what), reason(std::move(why)) {}
  bool operator==(const PartResult&) const = default;

  PartOutcome outcome;
  std::string reason;         ///< of kFailed: for people, with no data of the records
  std::size_t forbidden = 0;  ///< of kApplied: records that changed nothing, for their sender may not do that
};

/// What a store remembers of a group's batches and parts before it applies them.
struct Remembered {
  std::vector<bool> batches;         ///< for each batch: has been applied
  std::vector<std::string> digests;  ///< for each part: the digest applied under its mark; empty: none
  /// For each part: why it was parked when its batch was applied; empty: it was not.
  std::vector<std::string> failures;
};

struct Decision {
  std::vector<PartResult> parts;
  std::vector<std::size_t> new_batches;  ///< indices, to be remembered; each id once
};

/// A batch or a keyed part that comes twice within the group is a repeat the second time. A conflict or a
/// failure stays one when its batch comes again, so that it is parked even if the first attempt to park it
/// was lost.
Decision decide(const Group& group, const Remembered& remembered);

struct BatchCounts {
  std::size_t parts = 0;
  std::size_t records = 0;
};

/// What this batch is the first to bring, if none of it fails.
BatchCounts count_applied(const Group& group, const Batch& batch, const Decision& decision);

}  // namespace comporta
