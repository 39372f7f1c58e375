#include "common/kinds/sent_schema.h"

#include <map>
#include <string>
#include <vector>

namespace comporta {

std::shared_ptr<const RecordSchema> sent_schema(const std::shared_ptr<const RecordSchema>& schema,
                                                const Kind& kind, bool by_admin) {
  std::map<std::string, std::string> absent;
  std::vector<std::string> optional;
  for (const auto& [member, stamp] : kind.stamps) {
    if (by_admin)
      optional.push_back(member);
    else
      absent.emplace(member, "is filled in by the service; leave it out");
  }
  if (!kind.account.roles.empty()) {
    optional.push_back(kind.account.roles);
    if (!by_admin) absent.emplace(kind.account.roles, "is set by an admin alone; leave it out");
  }
  if (kind.account.is_one()) optional.push_back(kind.account.password);
  if (absent.empty() && optional.empty()) return schema;
  return schema->without(absent, optional);
}

}  // namespace comporta
