#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

namespace comporta {

/// The content of a file of at most `max_bytes`; nothing if it is larger, missing or unreadable.
std::optional<std::string> read_file(const std::filesystem::path& file, std::size_t max_bytes);

/// The secret in the file of that name in `folder`, without its line break: printable ASCII, so that a header
/// can have it. Nothing if there is none, or no folder.
std::optional<std::string> read_secret_file(const std::filesystem::path& folder, const std::string& name);

}  // namespace comporta
