#pragma once
// What logging in asks a store for: the accounts, which others write, and notes of its own, each a text under
// a name, for a time.

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace comporta {

/// What is to be kept under a name from now on; without a text it is taken away.
struct Note {
  std::string name;
  std::optional<std::string> text = {};
  std::chrono::milliseconds ttl = {};  ///< more than 0 where there is a text
};

using NoteTexts = std::vector<std::optional<std::string>>;

/// One thread. Each call blocks for a few round trips, at most for the store's own time-outs, and throws
/// TransientError when the store is away or refuses.
class PeopleStore {
 public:
  /// Given the texts under the names, in their order, says what is to be noted. It is called again if
  /// somebody else changed one of them meanwhile, and must have no other effect.
  using Change = std::function<std::vector<Note>(const NoteTexts&)>;

  virtual ~PeopleStore() = default;

  /// The key of the account with that login name, which is folded.
  virtual std::optional<std::string> account_key(std::string_view kind, std::string_view login) = 0;
  /// `{"login":"…","password":"$argon2id$…","roles":["…"]}`
  virtual std::optional<std::string> account_text(std::string_view kind, std::string_view key) = 0;

  virtual NoteTexts read(const std::vector<std::string>& names) = 0;
  /// Reads, and writes what `change` says, in one step: all of it or nothing.
  virtual void update(const std::vector<std::string>& names, const Change& change) = 0;
};

}  // namespace comporta
