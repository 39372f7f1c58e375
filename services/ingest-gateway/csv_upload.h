#pragma once
// Tables at the door.

#include <optional>

#include "common/base/problem.h"
#include "common/csv/records.h"
#include "services/ingest-gateway/upload_body.h"

namespace comporta::gateway {

/// Makes records of the table in `body`, if it is one: then it is NDJSON like any other, and `places` says
/// where its records came from. A Problem as records_of_csv() says; `limits.may_hold` is asked for all that
/// is held at a time.
std::optional<Problem> read_csv(UploadBody& body, CsvPlaces& places, const CsvColumns& columns,
                                const CsvLimits& limits);

}  // namespace comporta::gateway
