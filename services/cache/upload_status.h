#pragma once
// What is said of an upload: its state, and what of it was not applied. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/cache/apply/upload_outcome.h"
#include "services/cache/apply/view_store.h"

namespace comporta {

enum class UploadState {
  kPending,
  kApplied,
  kRefused,  ///< every record of it
  kPartly,   ///< some were refused, or kept aside
  kParked,   ///< all was kept aside: nothing can take it as it is
};

/// `batches`, those that are said to be its own, are nothing where none is remembered.
struct KnownUpload {
  std::string id;
  UploadOutcome outcome;
  std::vector<std::optional<AppliedBatch>> batches = {};

  /// Whether there is anything to be said of it.
  bool is_known() const { return outcome.parts > 0 || outcome.is_marked || !batches.empty(); }
};

UploadState state_of(const KnownUpload& upload);
std::string upload_json(const KnownUpload& upload);

}  // namespace comporta
