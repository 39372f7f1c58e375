#pragma once
// The spans of an upload that is sampled, as far as the gateway has it in hand (docs/OPERATIONS.md,
// "Traces").

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "common/base/uuid.h"
#include "common/broker/message.h"
#include "common/http/server.h"
#include "common/traces/settings.h"
#include "common/traces/span.h"

namespace comporta::gateway {

/// How the upload of that request is sampled. `is_known`: its caller has logged in.
Sampling sampling_of(const HttpRequest& request, bool is_known, const TraceSampling& sampling);

/// What was asked for, in words that are in no way the client's own: a path may have a record's key.
struct TracedRoute {
  std::string route;  ///< `/api/v1/records/{kind}`
  std::string kind;
};

/// One thread at a time, as the upload that it is about.
class UploadTrace {
 public:
  /// The request's own span, which `traceparent` names, is below that of its caller, if there is one. It is
  /// made when `responder` has been answered, whatever becomes of this. `spans` outlives both.
  UploadTrace(SpanSink& spans, std::string traceparent, const HttpRequest& request, TracedRoute route,
              Responder& responder);

  /// The check is over: it has become an upload of so many records, or none (null). What is told after the
  /// first time counts for nothing.
  void checked(const PartHeader* upload, std::size_t records);
  /// Some of its parts go out in that batch; once for each of them.
  void published(std::string_view batch);
  /// The broker has that batch, or nobody knows whether it does.
  void landed(std::string_view batch, std::string_view exchange, bool accepted);

 private:
  struct Sending {
    WallClock::time_point begin;
    std::size_t parts;
  };

  SpanSink& spans_;
  const std::string traceparent_;
  WallClock::time_point step_;                                 ///< begin of the check, and then of the wait
  std::map<std::string, Sending, std::less<>> sendings_ = {};  ///< by batch
  bool is_checked_ = false;
  bool waits_ = true;  ///< nothing of it has gone out
};

}  // namespace comporta::gateway
