#pragma once
// How much of what a kind's views may take they take.

#include <cstdint>
#include <map>
#include <string>

#include "common/kinds/kind.h"
#include "common/telemetry/metrics.h"

namespace comporta {

/// Any thread.
class ViewBudgets {
 public:
  /// Of the kinds that have views.
  ViewBudgets(const KindSet& kinds, Metrics& metrics);

  /// `steps`: those of a part, or of a query.
  void note_part(const Kind& kind, std::int64_t steps) const { note(parts_, kind, steps); }
  void note_query(const Kind& kind, std::int64_t steps) const { note(queries_, kind, steps); }

 private:
  using ByKind = std::map<std::string, Histogram, std::less<>>;
  static void note(const ByKind& kinds, const Kind& kind, std::int64_t steps);

  ByKind parts_;
  ByKind queries_;
};

}  // namespace comporta
