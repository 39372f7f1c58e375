#include "services/ingest-gateway/multipart.h"

#include <algorithm>
#include <optional>

#include "common/base/text.h"
#include "common/http/media_type.h"

namespace comporta::gateway {
namespace {

constexpr std::size_t kMaxHeaderBytes = 8 * 1024;
constexpr std::size_t kMaxBoundaryBytes = 70;
constexpr std::string_view kBreak = "\r\n";
constexpr std::string_view kBlanks = " \t";

bool is_boundary(std::string_view text) {
  constexpr std::string_view kCharacters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'()+_,-./:=? ";
  return !text.empty() && text.size() <= kMaxBoundaryBytes && text.back() != ' ' &&
         text.find_first_not_of(kCharacters) == std::string_view::npos;
}

/// Lines that go on behind a break and a blank (RFC 5322, 2.2.3) become one.
std::string unfolded(std::string_view lines) {
  std::string text(lines);
  for (std::size_t at = text.find(kBreak); at != std::string::npos;
       at = text.find(kBreak, at + kBreak.size()))
    if (const std::size_t next = at + kBreak.size();
        next < text.size() && kBlanks.find(text[next]) != kBlanks.npos)
      text.replace(at, kBreak.size(), kBreak.size(), ' ');
  return text;
}

/// `utf-8'pt'Relat%C3%B3rio.json`: what stands in `filename*`. Nothing when malformed.
std::optional<std::string> decode_extended(std::string_view value) {
  const std::size_t language = value.find('\'');
  const std::size_t text = value.find('\'', language == value.npos ? language : language + 1);
  if (text == value.npos) return std::nullopt;
  const std::string_view charset = value.substr(0, language);
  if (!iequals(charset, "utf-8") && !iequals(charset, "iso-8859-1")) return std::nullopt;
  return percent_decode(value.substr(text + 1));
}

/// The name of a part's file into `part`; returns what is wrong, empty if nothing is.
std::string read_file_name(const HeaderValue& disposition, FilePart& part) {
  const auto& parameters = disposition.parameters;
  const auto extended = parameters.find("filename*");
  const auto plain = parameters.find("filename");
  if (extended == parameters.end() && plain == parameters.end())
    return "the form has a field that is not a file; send one file and nothing else";
  const auto decoded = extended == parameters.end() ? std::nullopt : decode_extended(extended->second);
  if (!decoded && plain == parameters.end()) return "its filename* is malformed";
  part.file_name = decoded ? *decoded : plain->second;
  return part.file_name.empty() ? "no file was chosen" : "";
}

bool leaves_bytes_as_they_are(std::string_view transfer_encoding) {
  return iequals(transfer_encoding, "binary") || iequals(transfer_encoding, "8bit") ||
         iequals(transfer_encoding, "7bit");
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
    if (iequals(name, "content-transfer-encoding") && !leaves_bytes_as_they_are(value))
      return "a part has a Content-Transfer-Encoding other than binary; send the file's bytes as they are";
  }
  if (!disposition || disposition->main != "form-data") return "a part has no valid Content-Disposition";
  return read_file_name(*disposition, part);
}

/// What stands behind a boundary on its line.
struct BoundaryLine {
  enum class Kind { kPart, kLast, kNone } kind;
  std::size_t end;  ///< behind the line's break
};

BoundaryLine read_boundary_line(std::string_view body, std::size_t from) {
  const bool is_last = body.substr(from).starts_with("--");
  const std::size_t end = std::min(body.find_first_not_of(kBlanks, from + (is_last ? 2 : 0)), body.size());
  const auto kind = is_last ? BoundaryLine::Kind::kLast : BoundaryLine::Kind::kPart;
  if (body.substr(end).starts_with(kBreak)) return {kind, end + kBreak.size()};
  if (is_last && end == body.size()) return {kind, end};
  return {BoundaryLine::Kind::kNone, end};
}

/// `fault`, unless it comes of this: lines from `from` on that end as a form's must not.
std::string unless_bare_line_feeds(std::string_view body, std::size_t from, std::string fault) {
  const std::size_t feed = from == body.npos ? from : body.find('\n', from);
  if (feed == body.npos || (feed > 0 && body[feed - 1] == '\r')) return fault;
  return "its lines end with a line feed alone; a form's lines end with CR LF";
}

/// The part whose headers begin at `headers`, behind the break of its boundary.
std::variant<FilePart, std::string> read_part(std::string_view body, std::size_t headers,
                                              const std::string& delimiter) {
  FilePart part;
  const std::size_t from = headers - kBreak.size();  // there may be no headers at all
  const std::size_t end = body.substr(0, headers + kMaxHeaderBytes).find("\r\n\r\n", from);
  if (end == body.npos) return unless_bare_line_feeds(body, headers, "a part's headers do not end");
  part.begin = end + 2 * kBreak.size();
  // Headers keep the break of their last line.
  const std::string lines = unfolded(body.substr(headers, std::max(end + kBreak.size(), headers) - headers));
  if (std::string fault = read_headers(lines, part); !fault.empty()) return fault;
  // The break before the delimiter belongs to it, and may be the one that ends the headers.
  part.end = body.find(delimiter, part.begin - kBreak.size());
  if (part.end == body.npos) return "the form is cut short: its last boundary is missing";
  const BoundaryLine last = read_boundary_line(body, part.end + delimiter.size());
  if (last.kind == BoundaryLine::Kind::kPart)
    return "the form has more than one part; send one file and nothing else";
  if (last.kind == BoundaryLine::Kind::kNone || body.find(delimiter, last.end - kBreak.size()) != body.npos)
    return "the form does not end at its last boundary";
  part.end = std::max(part.end, part.begin);
  return part;
}

}  // namespace

std::variant<FilePart, std::string> find_file_part(std::string_view body, std::string_view boundary) {
  if (!is_boundary(boundary)) return "the Content-Type has no valid boundary";
  const std::string delimiter = std::string(kBreak) + "--" + std::string(boundary);
  const std::string_view first = std::string_view(delimiter).substr(kBreak.size());
  std::size_t at = body.starts_with(first) ? 0 : body.find(delimiter);
  if (at == body.npos)
    return unless_bare_line_feeds(body, body.find(first),
                                  "the boundary that its Content-Type names is nowhere in it");
  at += at == 0 && body.starts_with(first) ? first.size() : delimiter.size();
  const BoundaryLine line = read_boundary_line(body, at);
  if (line.kind == BoundaryLine::Kind::kLast) return "the form has no file";
  if (line.kind == BoundaryLine::Kind::kNone)
    return unless_bare_line_feeds(body, at, "something stands behind its boundary");
  return read_part(body, line.end, delimiter);
}

}  // namespace comporta::gateway
