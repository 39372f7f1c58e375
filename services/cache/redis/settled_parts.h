#pragma once
// What is settled (views.h) needs no Lua: nothing is computed.

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/cache/apply/group.h"
#include "services/cache/redis/commands.h"
#include "services/cache/redis/views.h"

namespace comporta {

/// The settled records of one group, and its parts in which all are. What their kind shows and counts of
/// these is gathered, for it costs as much for many parts as for one. One thread; all that it is given must
/// outlive it.
class SettledParts {
 public:
  /// `settled` is what RedisViews::receive_comparisons() says.
  SettledParts(std::string_view prefix, const Group& group, const std::vector<bool>& settled,
               RedisViews& views, RedisCommands& commands)
      : prefix_(prefix), group_(group), settled_(settled), views_(views), commands_(commands) {}

  /// Appends what keeps the settled records of the part.
  void keep(const Part& part, std::string_view batch);

  /// All of the part is settled, and to be told of by tell().
  void add(const Part& part, std::string_view batch) { untold_[part.kind].push_back({&part, batch}); }
  /// Appends what the kind shows and counts of the parts that have been added since the last call: due before
  /// anything else that the kind shows, and at the end.
  void tell(const Kind& kind);
  void tell_all();

 private:
  struct Added {
    const Part* part;
    std::string_view batch;
  };
  using AddedParts = std::vector<Added>;

  static std::size_t count_records(std::span<const Added> parts);
  std::vector<std::string> latest_entries(const AddedParts& parts) const;

  std::string_view prefix_;
  const Group& group_;
  const std::vector<bool>& settled_;
  RedisViews& views_;
  RedisCommands& commands_;
  std::map<const Kind*, AddedParts> untold_;
};

}  // namespace comporta
