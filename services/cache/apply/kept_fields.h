#pragma once
// Which members of a record matter to the cache, and what becomes of them. One thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/kinds/kind.h"
#include "services/cache/apply/group.h"

namespace comporta {

class KeptFields {
 public:
  /// `kind` must outlive it.
  explicit KeptFields(const Kind& kind);

  const Kind& kind() const { return kind_; }
  void begin_record();
  /// Looks the member up once for what follows.
  void begin_member(std::string_view name);
  bool is_key() const { return order_[next_ - 1].is_key; }
  bool is_event_time() const { return order_[next_ - 1].is_event_time; }
  /// Of these the text is read, not only the bytes kept: what it stands for, whatever its escapes.
  bool is_read() const { return is_key() || is_event_time(); }
  /// The text of the member that is the event's time. One that is no time counts as none.
  void set_event_time(std::string_view text);
  /// The value of that member, as it stands in the record; `raw` must be good until add_record().
  void set_value(std::string_view raw);
  /// The record as it goes into the cache: its fields' values are the bytes they were, in the order of the
  /// kind's fields, but that its owner comes first; those it lacks are left out.
  void add_record(Slice key, Group& group) const;

 private:
  struct Field {
    std::string name;
    std::string label;  ///< `"email":`
    std::string_view raw = {};
    bool folds = false;
    std::string folded = {};  ///< as JSON, if it has a value
  };
  struct Member {
    std::string name;
    bool is_key;
    bool is_event_time;
    std::size_t field;  ///< its index; that of none if it is not kept
  };
  using Indices = std::vector<std::size_t>;

  Member look_up(std::string_view name) const;
  Indices find_or_add(const std::vector<std::string>& names);
  Slice add_folded(Group& group) const;
  enum class As { kGiven, kFolded };
  Slice add_object(const Indices& fields, As as, Group& group) const;
  Slice add_account(Group& group) const;
  Slice add_fingerprint(Group& group) const;

  const Kind& kind_;
  std::vector<Field> fields_;  ///< each once
  Indices cached_;
  Indices viewed_;    ///< empty unless views.lua is given other fields than are cached
  Indices compared_;  ///< empty unless the views compare
  Indices folded_;    ///< empty unless the views are given folded texts
  Indices account_;   ///< of a kind of accounts: those of login, password and, if there are any, roles
  std::optional<std::int64_t> event_time_ms_;  ///< of the record; for views only
  std::vector<Member> order_;  ///< of the members of the records before, which is mostly that of this one
  std::size_t next_ = 0;       ///< in order_
};

}  // namespace comporta
