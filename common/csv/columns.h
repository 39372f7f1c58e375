#pragma once
// What the columns of a kind's CSV are called, and what stands in them.

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/csv/value.h"
#include "common/json/record_schema.h"

namespace comporta {

struct CsvMember {
  std::string name;
  CsvType type;
};

/// Immutable: any number of threads may use it at once.
class CsvColumns {
 public:
  /// A name beside a member's own, and the member: `{"Idade", "age"}`.
  using OtherNames = std::vector<std::pair<std::string, std::string>>;

  /// A member is found by its own name first, then by those in `declared`, then by those in `labels`. A label
  /// that several members have names none of them.
  CsvColumns(const RecordSchema& schema, const OtherNames& declared, const OtherNames& labels);

  /// In the order of the schema.
  const std::vector<CsvMember>& members() const { return members_; }
  /// For people: the members that each record must have, and no cell can hold; empty: there is none.
  const std::string& impossible() const { return impossible_; }
  /// Case, and how many blanks there are and where, do not matter. Null if there is none.
  const CsvMember* find(std::string_view column) const;
  /// For people: the members between which that label does not decide; empty if that is no such label.
  std::string ambiguous(std::string_view column) const;
  /// For people: the names by which a member may be called.
  std::string names_of(std::string_view member) const;

 private:
  const CsvMember* member(std::string_view name) const;
  void add(const OtherNames& names, bool may_be_shared);

  std::vector<CsvMember> members_;
  std::string impossible_;
  std::map<std::string, std::size_t, std::less<>> by_name_;    ///< folded; the place in members_
  std::map<std::string, std::string, std::less<>> ambiguous_;  ///< folded; for people
  std::map<std::string, std::string, std::less<>> names_;      ///< by member; for people
};

}  // namespace comporta
