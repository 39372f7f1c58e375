#pragma once
// What others tell of their own accord: POST /api/v1/hooks/{kind}. A notice is believed by its signature, or
// not at all, and becomes a record of its kind; nobody is asked here whether it is true.

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/problem.h"
#include "common/base/uuid.h"
#include "common/http/server.h"
#include "common/kinds/kind.h"
#include "common/telemetry/metrics.h"

namespace comporta {
class Section;
}

namespace comporta::gateway {

inline constexpr std::size_t kMaxNoticeBytes = std::size_t{64} << 10;

struct HookSettings {
  /// By kind, what its notices are signed with, of those whose signatures are looked at. None: nobody knows.
  std::map<std::string, std::vector<std::string>, std::less<>> keys = {};
};

/// `hooks` of the gateway's file: the secrets that the kinds name are files. Faults go to the section's
/// owner: one is where a kind requires signatures, and no secret is there.
HookSettings read_hook_settings(const Section& section, const KindSet& kinds);

class Hooks {
 public:
  using Clock = WallClock::time_point (*)();

  /// Both must outlive it. Says in the log whose signatures nobody can check.
  Hooks(const KindSet& kinds, const HookSettings& settings, Metrics& metrics, Clock clock = WallClock::now);

  /// The record of that kind, which has a hook, that the notice becomes: JSON that nobody has held against
  /// the schema yet. A Problem, if it is not to be believed (401), not readable (400) or too large (413). Any
  /// thread.
  std::variant<std::string, Problem> record_of(const Kind& kind, const HttpRequest& notice) const;

 private:
  enum Outcome { kSigned, kUnsigned, kRefused };
  struct Told {
    SignatureRule rule;
    std::array<Counter, 3> outcomes;  ///< by Outcome
  };

  const Clock clock_;
  std::map<std::string, Told, std::less<>> told_;  ///< by kind
};

}  // namespace comporta::gateway
