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

/// What is wrong if `checked` is anything but one record with that key; 422. `of_lone_key`, of the key member
/// alone: one without a key is it, too, if that schema takes the key.
std::optional<Problem> unless_the_one(const Kind& kind, std::string_view key, std::string_view body,
                                      const CheckedUpload& checked,
                                      const RecordSchema* of_lone_key = nullptr);

}  // namespace comporta::gateway
