#pragma once
// What is remembered of an upload, in a hash of its own: `principal`, `parts`, `part:<n>` -> its records, the
// number of a record -> `{"key":…,"outcome":…,"reason":…}` if it was not applied, and `more`, how many others
// were not. Written by prelude/outcomes.lua.

#include <string>
#include <string_view>

#include "services/cache/apply/upload_outcome.h"
#include "services/cache/redis/connection.h"

namespace comporta {

/// `fields` is a list of names, each followed by its value. What is no such field is passed over.
UploadOutcome parse_upload_hash(const RedisValue& fields);

}  // namespace comporta
