#include "services/cache/apply/applied_marks.h"

#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace comporta {
namespace {

using Digests = std::unordered_map<std::string_view, std::string_view>;  ///< by mark, this group's own

PartOutcome decide_part(const Group& group, const Part& part, bool batch_repeated,
                        std::string_view remembered, Digests& own) {
  const auto unseen = batch_repeated ? PartOutcome::kRepeated : PartOutcome::kApplied;
  if (part.digest.size == 0) return unseen;
  const std::string_view digest = group.at(part.digest);
  if (remembered.empty()) {
    if (const auto found = own.find(group.at(part.mark)); found != own.end()) remembered = found->second;
  }
  if (remembered.empty()) {
    if (unseen == PartOutcome::kApplied) own.emplace(group.at(part.mark), digest);
    return unseen;
  }
  return remembered == digest ? PartOutcome::kRepeated : PartOutcome::kConflict;
}

}  // namespace

Decision decide(const Group& group, const Remembered& remembered) {
  Decision decision;
  decision.parts.reserve(group.parts.size());
  std::unordered_set<std::string_view> ids;
  Digests own;
  for (std::size_t b = 0; b < group.batches.size(); ++b) {
    const Batch& batch = group.batches[b];
    const bool repeated = !ids.insert(group.at(batch.id)).second || remembered.batches[b];
    if (!repeated) decision.new_batches.push_back(b);
    for (const Part& part : group.parts_of(batch)) {
      const std::size_t p = decision.parts.size();
      const std::string& failure = remembered.failures[p];
      const PartOutcome outcome = decide_part(group, part, repeated, remembered.digests[p], own);
      const bool is_plain = failure.empty() || outcome == PartOutcome::kConflict;
      decision.parts.push_back(is_plain ? PartResult(outcome) : PartResult(PartOutcome::kFailed, failure));
    }
  }
  return decision;
}

BatchCounts count_applied(const Group& group, const Batch& batch, const Decision& decision) {
  BatchCounts counts;
  for (std::size_t p = batch.first_part; p < batch.first_part + batch.part_count; ++p) {
    if (decision.parts[p].outcome != PartOutcome::kApplied) continue;
    ++counts.parts;
    counts.records += group.parts[p].record_count;
  }
  return counts;
}

}  // namespace comporta
