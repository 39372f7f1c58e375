#pragma once
// Spans for tests to look at.

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

#include "common/traces/span.h"

namespace comporta::test {

/// Keeps what it takes.
class KeptSpans final : public SpanSink {
 public:
  void take(Span span) override {
    const std::lock_guard lock(mutex_);
    spans_.push_back(std::move(span));
  }
  std::vector<Span> all() const {
    const std::lock_guard lock(mutex_);
    return spans_;
  }
  /// In the order in which they ended.
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const Span& span : all()) names.push_back(span.name);
    return names;
  }
  /// The only one of that name; one of nothing if there is none.
  Span named(std::string_view name) const {
    const auto spans = all();
    const auto found = std::ranges::find(spans, name, &Span::name);
    return found == spans.end() ? Span() : *found;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Span> spans_;
};

/// What the attribute is, as text; empty if there is none.
inline std::string attribute(const Span& span, std::string_view name) {
  const auto found = std::ranges::find(span.attributes, name, [](const auto& entry) { return entry.first; });
  if (found == span.attributes.end()) return {};
  const auto* const number = std::get_if<std::int64_t>(&found->second);
  return number != nullptr ? std::to_string(*number) : std::get<std::string>(found->second);
}

}  // namespace comporta::test
