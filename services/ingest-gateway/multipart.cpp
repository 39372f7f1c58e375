#include "services/ingest-gateway/multipart.h"

#include <optional>

#include "common/base/text.h"
#include "services/ingest-gateway/media_type.h"

namespace comporta::gateway {
namespace {

constexpr std::size_t kMaxHeaderBytes = 8 * 1024;
constexpr std::size_t kMaxBoundaryBytes = 70;
constexpr std::string_view kBreak = "\r\n";

bool is_boundary(std::string_view text) {
  constexpr std::string_view kCharacters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'()+_,-./:=? ";
  return !text.empty() && text.size() <= kMaxBoundaryBytes && text.back() != ' ' &&
         text.find_first_not_of(kCharacters) == std::string_view::npos;
}

/// One part's header lines into `part`; returns what is wrong, empty if nothing is.
std::string read_headers(std::string_view lines, FilePart& part) {
  std::optional<HeaderValue> disposition;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find(kBreak));
    lines.remove_prefix(line.size() + kBreak.size());
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return "a part has a malformed header";
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trim(line.substr(colon + 1));
    if (iequals(name, "content-disposition")) disposition = parse_header_value(value);
    if (iequals(name, "content-type")) part.content_type = value;
    if (iequals(name, "content-transfer-encoding") && !iequals(value, "binary") && !iequals(value, "8bit"))
      return "a part has a Content-Transfer-Encoding, which is not supported";
  }
  if (!disposition || disposition->main != "form-data") return "a part has no valid Content-Disposition";
  const auto file_name = disposition->parameters.find("filename");
  if (file_name == disposition->parameters.end())
    return "the form has a field that is not a file; send one file and nothing else";
  part.file_name = file_name->second;
  return part.file_name.empty() ? "no file was chosen" : "";
}

}  // namespace

std::variant<FilePart, std::string> find_file_part(std::string_view body, std::string_view boundary) {
  if (!is_boundary(boundary)) return "the Content-Type has no valid boundary";
  const std::string delimiter = "--" + std::string(boundary);
  const std::string inner_delimiter = std::string(kBreak) + delimiter;
  if (body.starts_with(delimiter + "--")) return "the form has no file";
  if (!body.starts_with(delimiter + std::string(kBreak))) return "the body does not begin with its boundary";
  FilePart part;
  const std::size_t headers = delimiter.size() + kBreak.size();
  const std::size_t headers_end = body.substr(0, headers + kMaxHeaderBytes).find("\r\n\r\n", headers);
  if (headers_end == std::string_view::npos) return "a part's headers do not end";
  part.begin = headers_end + 4;
  // Headers keep the break of their last line.
  if (std::string fault = read_headers(body.substr(headers, headers_end + kBreak.size() - headers), part);
      !fault.empty())
    return fault;
  // The break before the delimiter belongs to it, and may be the one that ends the headers.
  part.end = body.find(inner_delimiter, part.begin - kBreak.size());
  if (part.end == std::string_view::npos) return "the form is cut short: its last boundary is missing";
  const std::string_view after = body.substr(part.end + inner_delimiter.size());
  if (after.starts_with(kBreak)) return "the form has more than one part; send one file and nothing else";
  if (after != "--" && after != "--\r\n") return "the form does not end at its last boundary";
  part.end = std::max(part.end, part.begin);
  return part;
}

}  // namespace comporta::gateway
