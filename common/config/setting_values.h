#pragma once
// How single values of a settings file are written: pure functions behind settings.h.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>

namespace comporta {

/// A whole decimal number and nothing else.
std::optional<std::int64_t> parse_count(std::string_view text);
/// A whole number and its unit: ms, s, m or h.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
/// A whole number and its unit: B, KiB, MiB or GiB.
std::optional<std::size_t> parse_bytes(std::string_view text);

/// In the largest unit that says it exactly; what the parser of the same name reads back.
std::string format_duration(std::chrono::milliseconds duration);
std::string format_bytes(std::size_t bytes);
/// `text` as a YAML scalar that reads back as this text.
std::string format_text(std::string_view text);

struct BadReference {
  std::string what;
};

/// `text` with `${NAME}` and `${NAME:-default}` replaced from the environment.
std::variant<std::string, BadReference> expand_environment(std::string_view text);

/// The one of `names` that `name` was probably meant to be; empty if there is none.
std::string_view similar_name(std::string_view name, const std::set<std::string, std::less<>>& names);

}  // namespace comporta
