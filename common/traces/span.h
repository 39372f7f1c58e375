#pragma once
// What a trace is made of: how long one step of an upload took, where, and as part of what. Values.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/base/uuid.h"

namespace comporta {

/// As OTLP numbers them.
enum class SpanKind { kInternal = 1, kServer = 2, kClient = 3, kProducer = 4, kConsumer = 5 };

using SpanValue = std::variant<std::string, std::int64_t>;

/// It never has anything of a record, not its key either.
struct Span {
  std::string trace = {};   ///< 32 hexadecimal digits
  std::string id = {};      ///< 16
  std::string parent = {};  ///< 16, or empty: there is none that is known
  std::string name = {};    ///< one of few
  SpanKind kind = SpanKind::kInternal;
  WallClock::time_point begin = {};
  WallClock::time_point end = {};  ///< as it is sent never before `begin`, whatever the clock was set to
  bool failed = false;
  /// Names of OpenTelemetry's semantic conventions where they have one, of `comporta.…` otherwise.
  std::vector<std::pair<std::string, SpanValue>> attributes = {};

  void add(std::string_view attribute, std::string_view value) {
    attributes.emplace_back(attribute, std::string(value));
  }
  void add(std::string_view attribute, std::int64_t value) { attributes.emplace_back(attribute, value); }
  void add(std::string_view attribute, std::size_t value) {
    add(attribute, static_cast<std::int64_t>(value));
  }
};

/// A step below the span of that traceparent, which is well-formed; from `begin` until now.
Span span_below(std::string_view traceparent, std::string_view name, SpanKind kind,
                WallClock::time_point begin);
/// The span that the traceparent itself names, below that of `parent` (a span id, or empty); until now.
Span span_of(std::string_view traceparent, std::string_view parent, std::string_view name, SpanKind kind,
             WallClock::time_point begin);

/// Where spans go. Whoever has none (a null pointer) does nothing about spans.
class SpanSink {
 public:
  virtual ~SpanSink() = default;
  /// Any thread. Does not block, and may drop it.
  virtual void take(Span span) = 0;
};

}  // namespace comporta
