#pragma once
// Schemas of records as OpenAPI 3.1 has them. Not for others than the files behind openapi.h: it shows
// RapidJSON.

#include <cstddef>
#include <string>

#include "common/json/rapid.h"
#include "common/kinds/kind.h"

namespace comporta::gateway {

using JsonAllocator = rapidjson::Document::AllocatorType;

rapidjson::Value json_value(const std::string& json, JsonAllocator& allocator);
rapidjson::Value text_value(std::string_view text, JsonAllocator& allocator);
/// Replaces the member, or adds it.
void set_member(rapidjson::Value& object, std::string_view name, rapidjson::Value value,
                JsonAllocator& allocator);

/// The kind's schema.json, as it holds for what people send, in the words of JSON Schema 2020-12. `place` is
/// where it will stand in the document: `#/components/schemas/record.order`.
rapidjson::Value sent_record_schema(const Kind& kind, bool by_admin, std::size_t least_password,
                                    const std::string& place, JsonAllocator& allocator);

}  // namespace comporta::gateway
