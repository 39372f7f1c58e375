#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

namespace comporta {

/// The content of a file of at most `max_bytes`; nothing if it is larger, missing or unreadable.
std::optional<std::string> read_file(const std::filesystem::path& file, std::size_t max_bytes);

}  // namespace comporta
