#include "common/csv/columns.h"

#include <algorithm>
#include <set>

#include "common/base/folded_text.h"

namespace comporta {
namespace {

CsvType type_of(const DescribedMember& member) {
  const auto allows = [&](std::string_view type) {
    return std::find(member.types.begin(), member.types.end(), type) != member.types.end();
  };
  if (member.types.empty() || allows("string")) return CsvType::kText;
  if (allows("number")) return CsvType::kNumber;
  if (allows("integer")) return CsvType::kWhole;
  return allows("boolean") ? CsvType::kFlag : CsvType::kNone;
}

std::string in_backticks(std::string_view name) {
  return "`" + std::string(name) + "`";
}

}  // namespace

CsvColumns::CsvColumns(const RecordSchema& schema, const OtherNames& declared, const OtherNames& labels) {
  for (const DescribedMember& described : schema.members()) {
    by_name_.try_emplace(folded(described.name), members_.size());
    names_[described.name] = in_backticks(described.name);
    members_.push_back({described.name, type_of(described)});
    if (members_.back().type == CsvType::kNone && schema.requires_member(described.name))
      impossible_ += (impossible_.empty() ? "" : ", ") + in_backticks(described.name);
  }
  add(declared, false);
  add(labels, true);
}

void CsvColumns::add(const OtherNames& names, bool may_be_shared) {
  std::map<std::string, std::set<std::size_t>> meant;
  for (const auto& [column, name] : names)
    if (const CsvMember* const named = member(name); named != nullptr && !by_name_.contains(folded(column)))
      meant[folded(column)].insert(static_cast<std::size_t>(named - members_.data()));
  for (const auto& [column, name] : names) {
    const auto found = meant.find(folded(column));
    if (found == meant.end()) continue;
    const std::set<std::size_t>& places = found->second;
    if (may_be_shared && places.size() > 1) {
      std::string& shared = ambiguous_[found->first];
      shared += (shared.empty() ? "" : ", ") + in_backticks(name);
    } else if (by_name_.try_emplace(found->first, *places.begin()).second) {
      names_[name] += ", " + in_backticks(column);
    }
  }
}

const CsvMember* CsvColumns::member(std::string_view name) const {
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [&](const CsvMember& member) { return member.name == name; });
  return found == members_.end() ? nullptr : &*found;
}

const CsvMember* CsvColumns::find(std::string_view column) const {
  const auto found = by_name_.find(folded(column));
  return found == by_name_.end() ? nullptr : &members_[found->second];
}

std::string CsvColumns::ambiguous(std::string_view column) const {
  const auto found = ambiguous_.find(folded(column));
  return found == ambiguous_.end() ? "" : found->second;
}

std::string CsvColumns::names_of(std::string_view member) const {
  const auto found = names_.find(member);
  return found == names_.end() ? in_backticks(member) : found->second;
}

}  // namespace comporta
