#pragma once
// How a provider is asked, and what is taken of its answer. Pure, but for secrets' files.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/http_client/client.h"
#include "common/kinds/kind.h"
#include "services/cache/lookups/settings.h"

namespace comporta {

/// A lookup of a kind, as this installation has it. Read-only once made.
struct Lookup {
  std::string kind;
  std::string name;
  KindLookup declared;
  std::map<std::string, std::string> headers = {};  ///< secrets among them
  bool is_private = false;                          ///< its host may have an address that is not public
  std::string hash_key = {};                        ///< with which what is asked is hashed
  std::string missing = {};                         ///< what the installation lacks for it; empty: nothing
};

/// `secret`: one that the cache daemons alone have, or none; of it and the lookup's own the hash key is made.
Lookup set_up(const std::string& kind, const std::string& name, const KindLookup& declared,
              const LookupSettings& settings, std::string_view secret);

/// Whether values have led to no other path: a server may take `.` and `..` for one.
bool stays_below(std::string_view url);
/// The address at which the provider is asked; nothing if the values would lead to another path.
std::optional<std::string> url_for(const Lookup& lookup, const std::map<std::string, std::string>& values);
/// By what its answer is known: nothing of what is asked can be read in it.
std::string key_for(const Lookup& lookup, const std::string& url);
OutgoingRequest request_for(const Lookup& lookup, const std::string& url);

/// Why an answer is none, without anything of it.
struct NoAnswer {
  std::string why;
};
/// The members of the result, a JSON object.
std::variant<std::string, NoAnswer> result_in(const IncomingAnswer& answer, const KindLookup& declared);

}  // namespace comporta
