#pragma once
// What is remembered of one batch, as one text: `<applied at>,<parts>,<records>,<kind>`, and behind it for
// each part that was parked a line `<upload>:<part> <reason>`; `-` stands for what its line does not say.
// When an operator sends a part back, there is a note of it elsewhere, for the cache watches what it has
// applied (deploy/operator/comporta_operator/applied.py).

#include <string>
#include <string_view>
#include <vector>

#include "services/cache/apply/applied_marks.h"
#include "services/cache/apply/view_store.h"

namespace comporta {

/// `kind` is empty if there is none of that name.
std::string applied_entry(std::string_view applied_at, const BatchCounts& counts, std::string_view kind);

/// `mark` is empty if the line does not say it; `reason` has no line breaks.
void add_parked_part(std::string& entry, std::string_view mark, std::string_view reason);

struct AppliedEntry {
  struct Parked {
    ParkedPart part;
    std::string sent_back_in;  ///< a batch; empty: it has not been sent back
  };
  AppliedBatch batch;  ///< but for what is parked
  std::vector<Parked> parked;
};

/// Throws TransientError when it is not such an entry: another hand has been there.
AppliedEntry parse_applied_entry(std::string_view entry);

/// `notes`: in each line `<n> <batch>`, the batch in which the n-th parked part comes again, from 1.
void add_sent_back(AppliedEntry& entry, std::string_view notes);

/// Why the part with this mark was parked; empty if it was not.
std::string_view failure_in(std::string_view entry, std::string_view mark);

}  // namespace comporta
