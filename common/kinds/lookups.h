#pragma once
// What of others' data may be looked up through a kind: `lookups` in kind.yaml.

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/kinds/provider_address.h"
#include "common/kinds/views.h"

namespace comporta {

/// One member of what is answered, taken from the provider's answer.
struct LookupMember {
  enum class Type { kNumber, kText, kFlag };
  std::string pointer;  ///< JSON pointer into the provider's answer
  Type type = Type::kNumber;
};

/// `number`, `text` or `flag`: as in kind.yaml.
std::string_view type_name(LookupMember::Type type);

struct KindLookup {
  KindQuery question;          ///< its title and parameters, each of which has a value whenever it is asked
  std::string host;            ///< without its port, in lower case; empty: this installation names none
  std::vector<TextPiece> url;  ///< the first begins with `https://` and the host
  std::map<std::string, SecretHeader> headers;  ///< by name
  /// By JSON pointer into the provider's answer: the text that stands there when it is one.
  std::map<std::string, std::string> success;
  std::map<std::string, LookupMember> result;
  std::chrono::seconds ttl{60};        ///< for so long nobody is asked again
  std::chrono::seconds stale{86'400};  ///< so much longer it is answered while the provider is away
  std::chrono::milliseconds timeout{3'000};
};

}  // namespace comporta
