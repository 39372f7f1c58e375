#include "bench/raw/answer.h"

#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace comporta {
namespace {

/// The header's value; none without it.
std::optional<std::string_view> header(std::string_view head, std::string_view name) {
  const auto at = head.find("\r\n" + std::string(name) + ": ");
  if (at == head.npos) return {};
  head.remove_prefix(at + name.size() + 4);
  return head.substr(0, head.find("\r\n"));
}

}  // namespace

std::optional<Answer> read_answer(std::string_view input) {
  const auto end = input.find("\r\n\r\n");
  if (end == input.npos) return {};
  const std::string_view head = input.substr(0, end + 2);
  const auto length = header(head, "Content-Length");
  if (!length || head.size() < 12) throw std::runtime_error("an answer that is not understood");
  std::size_t body = 0;
  std::from_chars(length->data(), length->data() + length->size(), body);
  if (input.size() < end + 4 + body) return {};
  return Answer{std::atoi(head.data() + 9), header(head, "Retry-After").has_value(), end + 4 + body};
}

}  // namespace comporta
