#include "common/http/media_type.h"

#include <algorithm>

#include "common/base/text.h"

namespace comporta {
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

constexpr int kMostWanted = 1'000;

/// `0.875` as 875; nothing if it is no quality.
std::optional<int> quality_of(std::string_view text) {
  constexpr std::size_t kMostBytes = 5;
  if (text.empty() || text.size() > kMostBytes || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  int value = text[0] - '0';
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  for (std::size_t i = 2; i < kMostBytes; ++i) {
    const char digit = i < text.size() ? text[i] : '0';
    if (digit < '0' || digit > '9') return std::nullopt;
    value = value * 10 + (digit - '0');
  }
  return value <= kMostWanted ? std::optional(value) : std::nullopt;
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

std::optional<int> wanted(std::string_view accepted, std::string_view name) {
  while (!accepted.empty()) {
    const std::string_view entry = accepted.substr(0, accepted.find(','));
    accepted.remove_prefix(std::min(entry.size() + 1, accepted.size()));
    const std::optional<HeaderValue> value = parse_header_value(entry);
    if (!value || value->main != name) continue;
    const auto quality = value->parameters.find("q");
    if (quality == value->parameters.end()) return kMostWanted;
    if (const std::optional<int> thousandths = quality_of(quality->second)) return thousandths;
  }
  return std::nullopt;
}

}  // namespace comporta
