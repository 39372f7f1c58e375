#pragma once
// multipart/form-data (RFC 7578) with one file: whatever else is in the form is refused rather than dropped.
// What RFC 2046 allows around it is taken: a preamble, an epilogue, blanks behind a boundary, folded headers.

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace comporta::gateway {

struct FilePart {
  std::size_t begin;  ///< of the file's bytes, in the body
  std::size_t end;
  std::string file_name;     ///< `filename*` (RFC 8187) goes before `filename`
  std::string content_type;  ///< as sent; may be empty
};

/// The file in `body`, or what is wrong, for people.
std::variant<FilePart, std::string> find_file_part(std::string_view body, std::string_view boundary);

}  // namespace comporta::gateway
