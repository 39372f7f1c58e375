#pragma once
// Members of a record's own object, found in its bytes and put into them.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace comporta::gateway {

/// A member's value as it stands in the record.
struct FoundMember {
  std::size_t begin;
  std::size_t end;
  std::optional<std::string> text;  ///< what it says, if it is one
};

/// Those of `names` that the record has, in the order of `names`. `record` is JSON, and an object.
std::vector<std::optional<FoundMember>> find_members(std::string_view record,
                                                     const std::vector<std::string_view>& names);

/// Appends the record with other texts in the places of some members.
void append_changed(std::string& out, std::string_view record,
                    std::vector<std::pair<FoundMember, std::string_view>> changes);
/// Appends `,"name":"text"`.
void append_text_member(std::string& members, std::string_view name, std::string_view text);
/// Appends the record with more members, each with its comma before it, in front of those that it has.
void append_with_members(std::string& out, std::string_view record, std::string_view members);

}  // namespace comporta::gateway
