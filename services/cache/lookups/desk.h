#pragma once
// Who asks for what, and whether its provider is asked: what is known is answered, one call is made for all
// who ask for the same, a few at a time, and none of a provider that keeps failing.

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/http_client/client.h"
#include "common/telemetry/metrics.h"
#include "services/cache/lookups/circuit.h"
#include "services/cache/lookups/known_answers.h"
#include "services/cache/lookups/provider.h"

namespace comporta {

struct LookupAnswer {
  enum class Outcome {
    kKnown,    ///< as it was fetched before
    kFetched,  ///< just now
    kStale,    ///< as it was fetched before; its time is over, and the provider does not answer
    kNothing,
  };
  Outcome outcome = Outcome::kNothing;
  std::string json = {};                   ///< all but of kNothing
  std::chrono::milliseconds come_again{};  ///< of kNothing: when it may be worth asking
};

struct LookupQuestion {
  const Lookup* lookup;  ///< one of those that the desk was made for
  std::string url;
  std::string key;  ///< of that URL
  std::function<void(LookupAnswer)> answer;
  std::function<bool()> is_given_up;
};

/// One thread.
class LookupDesk {
 public:
  using Clock = std::chrono::steady_clock;
  using Calls = std::function<void(std::uint64_t token, const OutgoingRequest& request)>;
  struct Moment {
    Clock::time_point steady;
    WallClock::time_point wall;
  };
  static constexpr std::size_t kMostUnderWay = 8;  ///< calls, of a lookup
  static constexpr std::size_t kMostQueued = 8;    ///< calls that wait until one of those ends

  /// All must outlive it. `calls` starts one, whose end is to be told by end().
  LookupDesk(const std::vector<const Lookup*>& lookups, std::chrono::milliseconds pause, Calls calls,
             KnownAnswers& known, Metrics& metrics);

  /// Each is answered, now or later, once.
  void take(std::vector<LookupQuestion> questions, Moment now);
  void end(const IncomingAnswer& answer, Moment now);
  /// Answers all who wait.
  void close(Moment now);

 private:
  /// A call, or one that waits to be made, and all who wait for it.
  struct Flight {
    const Lookup* lookup;
    std::string url;
    std::optional<KnownAnswer> known;
    std::vector<LookupQuestion> waiting = {};
    Clock::time_point begun = {};
  };
  /// Of one lookup.
  struct Line {
    Circuit circuit;
    std::size_t under_way = 0;
    std::deque<std::string> queue = {};  ///< keys of flights
    std::map<LookupAnswer::Outcome, Counter> outcomes;
    Histogram seconds;
  };

  void join(LookupQuestion question, std::optional<KnownAnswer> known, Moment now);
  void launch(const std::string& key, Moment now);
  void go_on(Line& line, Moment now);
  void land(const std::string& key, const std::variant<std::string, NoAnswer>& result, Moment now);
  void note_end(const Lookup& lookup, const std::variant<std::string, NoAnswer>& result, Moment now);
  void answer_without(const std::string& key, Moment now);
  void say(LookupQuestion& question, LookupAnswer answer);
  LookupAnswer without_provider(const Lookup& lookup, const std::optional<KnownAnswer>& known,
                                Moment now) const;
  Line& line_of(const Lookup& lookup) { return lines_.at(&lookup); }

  const Calls calls_;
  KnownAnswers& known_;
  std::map<const Lookup*, Line> lines_;
  std::map<std::string, Flight> flights_;              ///< by key
  std::map<std::uint64_t, std::string> keys_in_call_;  ///< by token
  std::uint64_t last_token_ = 0;
};

}  // namespace comporta
