// What kind.yaml says of the columns of a table.

#include <algorithm>
#include <map>

#include "common/base/folded_text.h"
#include "common/kinds/reading.h"

namespace comporta {
namespace {

std::string fault_of(const std::string& column, const std::string& member, const CsvColumns& columns) {
  const auto& members = columns.members();
  const auto named = [&](const std::string& name) {
    return std::find_if(members.begin(), members.end(),
                        [&](const CsvMember& one) { return one.name == name; });
  };
  if (named(member) == members.end()) return "the schema has no `" + member + "` among its properties";
  if (named(member)->type == CsvType::kNone)
    return "`" + member + "` is a list or an object, which a cell cannot hold";
  const CsvMember* const other = columns.find(column);
  if (other != nullptr && other->name != member) return "is the name of `" + other->name + "`";
  return folded(column).empty() ? "must have something in it" : "";
}

}  // namespace

std::map<std::string, std::string> read_csv_columns(const Section& root, const RecordSchema* schema) {
  std::map<std::string, std::string> read;
  std::map<std::string, std::string> seen;
  const Section section = root.section("csv").section("columns");
  for (const std::string& column : section.keys()) {
    const std::string member = section.required_text(column);
    const std::string fault =
        schema == nullptr || member.empty() ? "" : fault_of(column, member, CsvColumns(*schema, {}, {}));
    if (!fault.empty()) section.fault(column, fault);
    const auto [other, is_new] = seen.emplace(folded(column), column);
    if (!is_new) section.fault(column, "is the same as `" + other->second + "`");
    read[column] = member;
  }
  return read;
}

CsvColumns csv_columns_of(const Kind& kind, const RecordSchema& schema) {
  const CsvColumns::OtherNames declared(kind.csv_columns.begin(), kind.csv_columns.end());
  CsvColumns::OtherNames labels;
  for (const auto& [member, label] : kind.labels) {
    labels.emplace_back(label.pt, member);
    labels.emplace_back(label.en, member);
  }
  return {schema, declared, labels};
}

}  // namespace comporta
