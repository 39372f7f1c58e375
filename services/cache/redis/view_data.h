#pragma once
// Redis as the views see it while a group is applied: what it holds, and over it what the group has changed
// so far, which goes into the group's transaction. What has been read or written is known until somebody else
// may have written.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "services/cache/redis/commands.h"
#include "services/cache/redis/connection.h"

namespace comporta {

/// Answers one reading command; valid until the next.
class RedisReader {
 public:
  virtual ~RedisReader() = default;
  virtual RedisValue ask(const std::vector<std::string_view>& command) = 0;
};

/// A number as Redis reads it, to its last digit.
std::string number_text(double number);

struct NameHash : std::hash<std::string_view> {
  using is_transparent = void;
};

/// Keys of each sort have functions of their own, since only one sort of command is ever used on a key.
/// Throws TransientError as RedisConnection does. One thread.
class ViewData {
 public:
  using Milliseconds = std::optional<std::int64_t>;
  using Fields = std::map<std::string, std::string, std::less<>>;
  using Scores = std::vector<std::pair<std::string_view, std::optional<double>>>;  ///< nothing: taken out

  /// What is on its way to Redis without having come through here: nothing if the key's text is not.
  using UnderWay = std::function<std::optional<std::string>(std::string_view key)>;

  explicit ViewData(RedisReader& reader, UnderWay under_way = {})
      : reader_(reader), under_way_(std::move(under_way)) {}

  /// From here on changes are appended to these commands.
  void write_to(RedisCommands* commands) { commands_ = commands; }
  /// The transaction is done.
  void end_group();
  /// Somebody else may have written.
  void forget();

  // Texts. A view is good until the next call.
  std::optional<std::string_view> text(std::string_view key);
  /// The first texts that had to be asked for since the last call.
  std::vector<std::string> take_missed() { return std::exchange(missed_, {}); }
  bool knows_text(std::string_view key) const { return texts_.contains(key); }
  void know_text(std::string_view key, std::optional<std::string_view> text);
  void forget_text(std::string_view key);
  void set_text(std::string_view key, std::string_view text, Milliseconds life);
  void delete_text(std::string_view key);

  // Sorted sets, of which members are known, or all of it.
  std::optional<double> score(std::string_view key, std::string_view member);
  void rank(std::string_view key, const Scores& scores);
  void unrank_below(std::string_view key, double score);
  std::optional<std::string> first(std::string_view key);
  /// Gives all of it the other name; false if there is nothing.
  bool move(std::string_view from, std::string_view to);
  /// How many members there are, where whoever changes that says so.
  std::int64_t count(std::string_view key);
  void set_count(std::string_view key, std::int64_t count) { counts_[std::string(key)] = count; }

  // Lists: of those that are only shown, nothing is known.
  void append(std::string_view key, const std::vector<std::string_view>& entries, std::size_t keep,
              Milliseconds life);
  void show(std::string_view key, std::string_view entry, std::size_t keep);
  std::optional<std::string> front(std::string_view key);
  void push(std::string_view key, std::string_view entry);
  void pop(std::string_view key);

  // Hashes: those of few fields, and those that only count.
  const Fields& fields(std::string_view key) { return whole_fields(key); }
  void set_fields(std::string_view key, const Fields& fields);
  void delete_field(std::string_view key, std::string_view field);
  void add_to_field(std::string_view key, std::string_view field, std::int64_t by);
  void expire(std::string_view key, std::int64_t life);
  void count_up(std::string_view key, std::string_view field, std::int64_t by);

  /// The answer to a reading command: what is in Redis, without what has been written here.
  RedisValue ask(const std::vector<std::string_view>& command) {
    ++reads_;
    return reader_.ask(command);
  }
  /// How often Redis has been asked.
  std::size_t reads() const { return reads_; }

 private:
  template <typename Value>
  using ByName = std::unordered_map<std::string, Value, NameHash, std::equal_to<>>;

  struct Member {
    std::optional<double> score;  ///< nothing: it is not in the set
    std::size_t floors = 0;       ///< how many the set had when this came to be known
  };
  struct SortedSet {
    ByName<Member> members = {};
    std::optional<double> floor = {};  ///< what was there before it with less is gone
    std::size_t floors = 0;            ///< how often it was raised

    bool has(const Member& member) const {
      return member.score && !(floor && *member.score < *floor && member.floors < floors);
    }
    bool is_whole = false;
    std::set<std::pair<double, std::string>> order = {};  ///< of a whole one
  };

  struct Hash {
    Fields fields = {};
    bool is_whole = false;
  };

  void ask_for_text(std::string_view key);
  static void put(SortedSet& set, std::string_view member, std::optional<double> score);
  SortedSet& set_of(std::string_view key);
  SortedSet& whole(std::string_view key);
  Hash& hash_of(std::string_view key);
  Fields& whole_fields(std::string_view key);
  std::vector<std::string>& list_of(std::string_view key);
  RedisCommands& command(std::size_t arguments, std::string_view name, std::string_view key);

  RedisReader& reader_;
  UnderWay under_way_;
  RedisCommands* commands_ = nullptr;
  ByName<std::optional<std::string>> texts_;
  ByName<SortedSet> sets_;
  ByName<std::int64_t> counts_;
  ByName<std::vector<std::string>> lists_;
  ByName<Hash> hashes_;
  std::size_t bytes_ = 0;  ///< about what is known
  std::size_t reads_ = 0;
  std::vector<std::string> missed_;
};

}  // namespace comporta
