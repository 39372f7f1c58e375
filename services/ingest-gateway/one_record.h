#pragma once
// One record at its own address: PUT and DELETE /api/v1/records/{kind}/{key}.

#include <optional>
#include <string>
#include <string_view>

#include "common/base/problem.h"
#include "common/json/record_schema.h"
#include "common/kinds/kind.h"

namespace comporta::gateway {

/// The key in a path; nothing if it is empty, malformed or not UTF-8.
std::optional<std::string> decode_key(std::string_view sent);

/// What stands for a record that is taken away: a record with nothing but its key.
std::string tombstone(const Kind& kind, std::string_view key);

/// What `schema`, of the key member alone, says against a key that stands in an address; 422.
std::optional<Problem> unless_a_key(const Kind& kind, std::string_view key, const RecordSchema& schema);

/// What is wrong if `checked` is anything but one record with that key; 422. `may_be_left_out`: one without a
/// key is it, too.
std::optional<Problem> unless_the_one(const Kind& kind, std::string_view key, std::string_view body,
                                      const CheckedUpload& checked, bool may_be_left_out = false);

}  // namespace comporta::gateway
