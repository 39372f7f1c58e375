#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace comporta {

/// What a load asks of an answer.
struct Answer {
  int status;
  bool says_when;     ///< has Retry-After
  std::size_t bytes;  ///< of head and body
};

/// The answer at the front of `input`, once all of it is there. For answers of nginx: with a Content-Length,
/// and names of headers written as in the standard. Throws std::runtime_error for others.
std::optional<Answer> read_answer(std::string_view input);

}  // namespace comporta
