#pragma once
// What of a kind's records may be sent: its schema says how they are kept, and some of it is filled in by the
// service.

#include <memory>

#include "common/json/record_schema.h"
#include "common/kinds/kind.h"

namespace comporta {

/// `schema`, which is the kind's own, as it holds for what is sent. Of what is stamped, and of an account's
/// roles, an admin may send all and needs none; others must leave it out. Nobody needs to send a password: a
/// change keeps the one that is there. The same object where nothing is different.
std::shared_ptr<const RecordSchema> sent_schema(const std::shared_ptr<const RecordSchema>& schema,
                                                const Kind& kind, bool by_admin);

}  // namespace comporta
