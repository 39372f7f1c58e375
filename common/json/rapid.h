#pragma once
// RapidJSON 1.1.0, for the files that wrap it; every one includes it from here, so that all see it alike.
//
// RAPIDJSON_SCHEMA_USE_INTERNALREGEX must stay undefined: schema.h's test is inverted, defining it to any
// value selects std::regex, which overflows the stack on long texts.

#ifdef RAPIDJSON_SCHEMA_USE_INTERNALREGEX
#error "RAPIDJSON_SCHEMA_USE_INTERNALREGEX selects std::regex"
#endif

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/pointer.h>
#include <rapidjson/reader.h>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <optional>
#include <string>
#include <string_view>

#include "common/base/utf8.h"

/// What a schema's `minLength` and `maxLength` are held against. Without RapidJSON's look at the encoding:
/// what comes here has been found to be UTF-8.
template <>
inline bool rapidjson::internal::CountStringCodePoint<rapidjson::UTF8<>>(const char* text, SizeType size,
                                                                         SizeType* count) {
  *count = static_cast<SizeType>(comporta::count_code_points({text, size}));
  return true;
}

namespace comporta {

inline std::string_view text_of(const rapidjson::Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

/// The member of an object; null if there is none.
inline const rapidjson::Value* member_of(const rapidjson::Value& object, std::string_view name) {
  const auto found = object.FindMember(
      rapidjson::Value(rapidjson::StringRef(name.data(), static_cast<rapidjson::SizeType>(name.size()))));
  return found == object.MemberEnd() ? nullptr : &found->value;
}

/// The text that a member of an object has; empty if there is none, or no such member.
inline std::string_view text_in(const rapidjson::Value& object, std::string_view name) {
  const rapidjson::Value* const member = member_of(object, name);
  return member != nullptr && member->IsString() ? text_of(*member) : std::string_view();
}

/// What the text says, however deep; nothing if it is no JSON, or has bytes that JSON must not have.
template <unsigned kFlags = rapidjson::kParseNoFlags>
std::optional<rapidjson::Document> parse_json(std::string_view text) {
  rapidjson::Document document;
  document.Parse<kFlags | rapidjson::kParseIterativeFlag>(text.data(), text.size());
  if (document.HasParseError() || find_byte_unfit_for_json(text) != std::string_view::npos)
    return std::nullopt;
  return document;
}

/// As JSON, on one line.
std::string json_text(const rapidjson::Value& value);

/// `pointer` with one more token, escaped after RFC 6901.
std::string pointer_below(const std::string& pointer, std::string_view token);

}  // namespace comporta
