#pragma once
// What the targets share: the input as text, the real kinds, and a file for what is read from files.

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/error.h"
#include "common/kinds/kind.h"
#include "tests/support/temporary_folder.h"

namespace comporta::fuzz {

inline std::string_view text_of(const unsigned char* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Takes the first line off `text`.
inline std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

inline void write_file(const std::filesystem::path& file, std::string_view content) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  check(out.good(), "the input can be written to a file");
}

/// The kinds of the product.
inline const KindSet& kinds() {
  static const KindSet set = [] {
    std::vector<std::string> faults;
    KindSet loaded = KindSet::load("kinds", faults);
    check(faults.empty(), "the kinds of the product are good");
    return loaded;
  }();
  return set;
}

/// The kind of that name, or the first.
inline const Kind& kind_named(std::string_view name) {
  const Kind* const kind = kinds().find(name);
  return kind != nullptr ? *kind : kinds().all().begin()->second;
}

}  // namespace comporta::fuzz
