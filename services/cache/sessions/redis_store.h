#pragma once
// The accounts and the notes in Redis. Notes are kept beside the deployment's prefix,
// `<prefix>-people:<name>`: a replay, which makes all below `<prefix>:` anew, leaves them alone, and so
// nobody is logged out by it.

#include "services/cache/redis/client.h"
#include "services/cache/sessions/store.h"

namespace comporta {

class RedisPeopleStore : public PeopleStore, private RedisClient {
 public:
  RedisPeopleStore(RedisServer server, std::string prefix);

  std::optional<std::string> account_key(std::string_view kind, std::string_view login) override;
  std::optional<std::string> account_text(std::string_view kind, std::string_view key) override;
  NoteTexts read(const std::vector<std::string>& names) override;
  void update(const std::vector<std::string>& names, const Change& change) override;

 private:
  std::optional<std::string> get(const std::string& key_start, std::string_view rest);
  void add_names(std::string_view command, const std::vector<std::string>& names);
  void add(const Note& note);
  bool try_update(const std::vector<std::string>& names, const Change& change);

  const std::string prefix_;
  const std::string notes_;  ///< what the names of the notes' keys begin with
};

}  // namespace comporta
