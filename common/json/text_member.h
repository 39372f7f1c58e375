#pragma once
// One member of an object that is known to be JSON. Pure.

#include <optional>
#include <string>
#include <string_view>

namespace comporta {

/// The text that the member of that name has; nothing if there is none, if it is no text, or if `object` is
/// no JSON object.
std::optional<std::string> text_member(std::string_view object, std::string_view name);

}  // namespace comporta
