#pragma once
// How somebody is called because of a record, and what record that leads to. Pure, but for secrets' files.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "common/base/uuid.h"
#include "common/http_client/client.h"
#include "common/kinds/kind.h"
#include "services/cache/lookups/settings.h"
#include "services/cache/reactions/values.h"

namespace comporta {

/// A reaction of a kind, as this installation has it. Read-only once made.
struct Reaction {
  std::string kind;
  std::string name;
  KindReaction declared;
  std::map<std::string, std::string> secrets = {};  ///< headers with one: name -> value
  std::string signing_key = {};                     ///< of Standard Webhooks: bytes; empty: it is not signed
  bool is_private = false;                          ///< its host may have an address that is not public
  std::string missing = {};                         ///< what the installation lacks for it; empty: nothing
};

/// Whose hosts and secrets are those of lookups.
Reaction set_up(const std::string& kind, const std::string& name, const KindReaction& declared,
                const LookupSettings& settings);

/// What is sent at `now`; or why that cannot be: for people, and without anything of the values.
std::variant<OutgoingRequest, std::string> request_for(const Reaction& reaction, const ReactionValues& values,
                                                       WallClock::time_point now);

/// How a call ended.
struct Verdict {
  enum class Kind {
    kAnswered,
    kAgain,  ///< it may be answered later
    kNever,  ///< it would be answered the same again
  };
  Kind kind;
  std::string why = {};  ///< of all but kAnswered: for people, and without anything of the answer
};
Verdict verdict_on(const IncomingAnswer& answer, const KindReaction& declared);

/// A record to be uploaded.
struct Outcome {
  std::string kind;
  std::string record;    ///< a JSON object
  bool is_good = false;  ///< somebody has answered
};
/// Of an answer that is one.
Outcome outcome_of(const KindReaction& declared, const ReactionValues& values, const IncomingAnswer& answer);
Outcome failure_of(const KindReaction& declared, ReactionValues& values, const std::string& reason);

}  // namespace comporta
