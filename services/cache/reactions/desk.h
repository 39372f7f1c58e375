#pragma once
// What is done about each reaction that waits: somebody is called, the outcome is uploaded, and it is waited
// for until that is applied.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/http_client/client.h"
#include "common/telemetry/metrics.h"
#include "common/traces/span.h"
#include "services/cache/reactions/outbox.h"

namespace comporta {

struct ReactionDeskSettings {
  std::string gateway;              ///< its address, without a slash at the end
  std::chrono::milliseconds pause;  ///< behind the first try
};

/// One thread. Its time is the one that it is told. What the outbox throws goes on; after that drop() is due.
class ReactionDesk {
 public:
  using Calls = std::function<void(std::uint64_t token, const OutgoingRequest& request)>;
  /// The token with which the outcome of `id` is uploaded; nothing: no key signs.
  using Tokens = std::function<std::optional<std::string>(const std::string& id)>;
  /// From 0 to 1.
  using Draw = std::function<double()>;
  static constexpr std::size_t kMostUnderWay = 8;  ///< of a reaction

  struct Outside {
    Calls calls;  ///< starts one, whose end is to be told by end()
    Tokens tokens;
    Draw draw;
    SpanSink* spans = nullptr;  ///< null where traces are off
  };

  /// All must outlive it.
  ReactionDesk(const std::vector<const Reaction*>& reactions, ReactionDeskSettings settings, Outside outside,
               Outbox& outbox, Metrics& metrics);

  /// Looks at what waits, and begins what is due.
  void work(WallMs now);
  void end(const IncomingAnswer& answer, WallMs now);
  /// Somebody else works it off, or the outbox is away: what is under way is not waited for.
  void drop();
  std::size_t under_way() const { return calls_under_way_.size(); }

 private:
  struct Task {
    WaitingReaction waiting;
    std::uint64_t call = 0;  ///< under way; 0: none
    std::int64_t uploads = 0;
  };
  /// Of one reaction.
  struct Line {
    const Reaction* reaction;
    Gauge waiting;
    Gauge oldest;
    Counter done;
    Counter failed;
    Histogram seconds;
    std::map<std::string, Task> tasks = {};  ///< by id
    std::size_t under_way = 0;
    bool fails = false;  ///< its provider did not answer last
  };
  struct Call {
    std::size_t line;
    std::string id;
    bool is_upload;
    WallMs begun;
    std::optional<Span> span = {};  ///< of what is sampled
  };

  Line line_of(const Reaction& reaction, Metrics& metrics) const;
  void take_in(Line& line, const WaitingLine& found, WallMs now);
  void forget_gone(Line& line, const std::set<std::string>& in_sight);
  void obey(WallMs now);
  bool obey(const Reaction& reaction, const std::string& id, Task& task, const std::string& order,
            WallMs now);
  void begin(std::size_t line, WallMs now);
  void ask(std::size_t line, const std::string& id, Task& task, WallMs now);
  void upload(std::size_t line, const std::string& id, Task& task, WallMs now);
  void start(std::size_t line, const std::string& id, Task& task, OutgoingRequest request, bool is_upload,
             WallMs now);
  void end_of_asking(Line& line, const std::string& id, Task& task, const IncomingAnswer& answer, WallMs now);
  void end_of_upload(Line& line, const std::string& id, Task& task, int status, WallMs now);
  void note_provider(Line& line, const Verdict& verdict);
  void fail(Line& line, const std::string& id, Task& task, const std::string& why, WallMs now);
  void settle(const std::string& id, Task& task, Outcome outcome, WallMs now);
  void wait_for_setup(const std::string& id, Task& task, const std::string& missing, WallMs now);
  void wait(const std::string& id, Task& task, const std::string& why, WallMs due);

  const ReactionDeskSettings settings_;
  const Outside outside_;
  Outbox& outbox_;
  std::vector<const Reaction*> reactions_;
  std::vector<Line> lines_;
  std::map<std::uint64_t, Call> calls_under_way_;  ///< by token
  std::uint64_t last_token_ = 0;
};

}  // namespace comporta
