#include "services/ingest-gateway/media_type.h"

#include <algorithm>

#include "common/base/text.h"

namespace comporta::gateway {
namespace {

constexpr std::string_view kTokenCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~";

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return out;
}

/// Takes things from the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool is_at(char c) const { return rest_.starts_with(c); }
  void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size())); }
  bool take(char c) {
    if (!is_at(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view token() {
    const std::string_view found = rest_.substr(0, rest_.find_first_not_of(kTokenCharacters));
    rest_.remove_prefix(found.size());
    return found;
  }
  /// After its opening quote.
  std::optional<std::string> quoted() {
    std::string text;
    while (!rest_.empty()) {
      if (take('"')) return text;
      if (take('\\') && rest_.empty()) break;
      text += rest_.front();
      rest_.remove_prefix(1);
    }
    return std::nullopt;
  }

 private:
  std::string_view rest_;
};

/// `; name=value`, the semicolon taken, or nothing behind it. False when malformed or given twice.
bool read_parameter(Scanner& in, std::map<std::string, std::string>& parameters) {
  in.skip_blanks();
  if (in.at_end() || in.is_at(';')) return true;
  const std::string name = lower(in.token());
  if (name.empty() || !in.take('=')) return false;
  std::optional<std::string> value = in.take('"') ? in.quoted() : std::string(in.token());
  return value && parameters.emplace(name, std::move(*value)).second;
}

}  // namespace

std::optional<HeaderValue> parse_header_value(std::string_view text) {
  Scanner in(trim(text));
  HeaderValue value;
  value.main = lower(in.token());
  if (in.take('/')) value.main += "/" + lower(in.token());
  if (value.main.empty()) return std::nullopt;
  while (true) {
    in.skip_blanks();
    if (in.at_end()) return value;
    if (!in.take(';') || !read_parameter(in, value.parameters)) return std::nullopt;
  }
}

}  // namespace comporta::gateway
