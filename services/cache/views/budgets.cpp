#include "services/cache/views/budgets.h"

#include "services/cache/views/lua_state.h"

namespace comporta {

ViewBudgets::ViewBudgets(const KindSet& kinds, Metrics& metrics) {
  const auto histogram = [&](const std::string& kind, const char* of) {
    return metrics.histogram("comporta_views_budget_ratio",
                             "Share of the steps that the views of a kind may take for a part or a query.",
                             {0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1}, {{"kind", kind}, {"of", of}});
  };
  for (const auto& [name, kind] : kinds.all()) {
    if (!has_views(kind)) continue;
    parts_.emplace(name, histogram(name, "part"));
    queries_.emplace(name, histogram(name, "query"));
  }
}

void ViewBudgets::note(const ByKind& kinds, const Kind& kind, std::int64_t steps) {
  if (const auto at = kinds.find(kind.name); at != kinds.end())
    at->second.observe(static_cast<double>(steps) / static_cast<double>(LuaBounds{}.steps));
}

}  // namespace comporta
