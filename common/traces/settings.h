#pragma once
// The section `traces` of a daemon's file.

#include <cstddef>
#include <string>

#include "common/telemetry/trace.h"

namespace comporta {

class Section;

struct TraceSettings {
  /// Of a receiver of OTLP over HTTP: `http(s)://host[:port][/path]`, behind which `/v1/traces` is put;
  /// empty: traces are off.
  std::string endpoint = {};
  std::size_t max_waiting = 4'096;  ///< spans that wait to be sent; more are dropped
};

/// Which uploads the gateway samples. Of no effect where traces are off.
struct TraceSampling {
  double ratio = 0.01;           ///< of uploads whose caller does not decide
  bool anonymous_decide = true;  ///< callers who have not logged in decide, too

  /// Of an upload by somebody known, or not.
  Sampling of(bool is_known) const { return {ratio, is_known || anonymous_decide}; }
};

/// Faults go to the section's Settings.
TraceSettings read_trace_settings(const Section& section);
/// Of the same section.
TraceSampling read_trace_sampling(const Section& section);

}  // namespace comporta
