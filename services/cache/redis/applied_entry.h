#pragma once
// What is remembered of one batch, as one text: `<applied at>,<parts>,<records>,<kind>`, and behind it for
// each part that failed a line `<upload>:<part> <reason>` (which prelude/part.lua adds, taking the part off
// the counts).

#include <string>
#include <string_view>

#include "services/cache/apply/applied_marks.h"
#include "services/cache/apply/view_store.h"

namespace comporta {

/// `kind` is empty if there is none of that name.
std::string applied_entry(std::string_view applied_at, const BatchCounts& counts, std::string_view kind);

/// Throws TransientError when it is not such an entry: another hand has been there.
AppliedBatch parse_applied_entry(std::string_view entry);

/// Why the part with this mark failed; empty if it did not.
std::string_view failure_in(std::string_view entry, std::string_view mark);

}  // namespace comporta
