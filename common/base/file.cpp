#include "common/base/file.h"

#include <fstream>

#include "common/base/text.h"

namespace comporta {
namespace {

constexpr std::size_t kMaxSecretBytes = 4'096;

}  // namespace

std::optional<std::string> read_file(const std::filesystem::path& file, std::size_t max_bytes) {
  std::ifstream in(file, std::ios::binary);
  std::string content(max_bytes + 1, '\0');
  in.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (!in.eof() || in.bad()) return std::nullopt;
  content.resize(static_cast<std::size_t>(in.gcount()));
  return content;
}

std::optional<std::string> read_secret_file(const std::filesystem::path& folder, const std::string& name) {
  if (folder.empty()) return std::nullopt;
  auto secret = read_file(folder / name, kMaxSecretBytes);
  if (!secret) return std::nullopt;
  if (secret->ends_with('\n')) secret->pop_back();
  if (secret->ends_with('\r')) secret->pop_back();
  return is_printable(*secret) && !secret->empty() ? secret : std::nullopt;
}

}  // namespace comporta
