#pragma once
// Not for others than part_line.cpp: what stands in a part line beside its records (common/broker/message.h).

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/text_format.h"
#include "services/cache/apply/group.h"

namespace comporta {

/// Takes the members of one line in turn. Faults are texts without anything of the line; empty: none.
class PartHeaderReader {
 public:
  enum class Type { kString, kNumber, kOther };

  /// The member whose value follows.
  void begin_member(std::string_view name);
  /// Members that nobody knows may be anything.
  bool is_known() const { return member_ != Member::kOther && member_ != Member::kTrace; }
  bool is_records() const { return member_ == Member::kRecords; }
  bool is_roles() const { return member_ == Member::kRoles; }

  std::string_view take(Type type, std::string_view text);
  /// An element of the list of roles.
  std::string_view take_role(Type type, std::string_view text);
  /// What is missing or contradicts itself, once all has been taken.
  std::string_view fault_of_all() const;
  /// The part, its texts in the group's; of its records it says nothing. Only without such a fault.
  Part make_part(const Kind& kind, Group& group) const;

 private:
  enum class Member {
    kUpload,
    kPart,
    kParts,
    kFirst,
    kReceived,
    kTrace,
    kPrincipal,
    kRoles,
    kDigest,
    kAction,
    kRecords,
    kOther
  };

  bool is_number() const;
  std::string_view take_text(std::string_view text);
  std::string_view take_number(std::string_view text);

  Member member_ = Member::kOther;
  std::string upload_;
  std::string digest_;
  std::string trace_;  ///< of what is sampled; whatever else is there counts for nothing
  std::string principal_;
  std::string roles_;  ///< JSON behind the bracket
  std::size_t part_ = 0;
  std::optional<std::size_t> parts_;
  std::size_t first_ = 0;
  std::optional<Moment> received_;
  bool deletes_ = false;
};

}  // namespace comporta
