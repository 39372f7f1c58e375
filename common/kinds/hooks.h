#pragma once
// Whom outside this installation a kind lets tell something, and what record that becomes: `hook` in
// kind.yaml.

#include <chrono>
#include <string>
#include <vector>

#include "common/kinds/provider_address.h"
#include "common/webhooks/signature.h"

namespace comporta {

/// Where in a notice something stands.
struct HookSource {
  enum class Where { kQuery, kHeader, kBody };
  Where where;
  std::string name;  ///< of the parameter, or of the header in lower case; or a JSON pointer into the body

  bool operator==(const HookSource&) const = default;
};

/// A member of the record: of its sources the first that is there, or, without any, a text with members above
/// it put in. It is left out where nothing of that is there.
struct HookMember {
  std::string name;
  std::vector<HookSource> sources = {};
  std::vector<TextPiece> text = {};
};

struct KindHook {
  enum class Demand {
    kRequired,   ///< what has no signature is refused
    kIfPresent,  ///< only a signature that is not good is
    kOff,        ///< nobody looks at it
  };
  SignatureScheme scheme = SignatureScheme::kMercadoPago;
  std::vector<std::string> secrets;  ///< their names; any of them is enough
  Demand demand = Demand::kRequired;
  std::chrono::milliseconds window{300'000};  ///< to either side of the time that is signed
  std::vector<HookMember> record;             ///< in the order of kind.yaml
  int answer = 200;                           ///< once the broker has it
};

}  // namespace comporta
