#include "common/base/folded_text.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <vector>

namespace comporta {
namespace {

constexpr std::size_t kMostGrowth = 3;

bool is_ascii(std::string_view text) {
  unsigned char all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

bool is_blank(utf8proc_int32_t point) {
  if (point < 0x80) return point == ' ' || (point >= '\t' && point <= '\r');
  const utf8proc_category_t category = utf8proc_category(point);
  return point == 0x85 || category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
         category == UTF8PROC_CATEGORY_ZP;
}

struct Letter {
  utf8proc_int32_t point;
  std::size_t bytes;
};

/// The first one of a text that is not empty.
Letter first_letter(std::string_view text) {
  Letter letter{0, 0};
  const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                     static_cast<utf8proc_ssize_t>(text.size()), &letter.point);
  letter.bytes = static_cast<std::size_t>(std::max<utf8proc_ssize_t>(size, 1));
  return letter;
}

/// Takes words and letters from the front to the back of a text, with one blank between words.
class Folding {
 public:
  explicit Folding(std::string& out) : out_(out), begin_(out.size()) {}
  void blank() { blank_ = true; }
  void add(std::string_view bytes) {
    if (blank_ && out_.size() > begin_) out_ += ' ';
    blank_ = false;
    out_ += bytes;
  }

 private:
  std::string& out_;
  std::size_t begin_;
  bool blank_ = false;
};

void add_letters(Folding& folding, std::string_view text) {
  while (!text.empty()) {
    const auto [point, bytes] = first_letter(text);
    if (is_blank(point))
      folding.blank();
    else
      folding.add(text.substr(0, bytes));
    text.remove_prefix(bytes);
  }
}

/// Of any letters. The room that it is given is what it may grow to.
void add_word(Folding& folding, std::string_view word) {
  constexpr auto kOptions = static_cast<utf8proc_option_t>(
      UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
  const auto most = static_cast<utf8proc_ssize_t>(kMostGrowth * word.size());
  std::vector<utf8proc_int32_t> points(kMostGrowth * word.size() + 1);
  const auto count =
      utf8proc_decompose(reinterpret_cast<const utf8proc_uint8_t*>(word.data()),
                         static_cast<utf8proc_ssize_t>(word.size()), points.data(), most, kOptions);
  if (count < 0 || count > most) return folding.add(word);
  const auto size = utf8proc_reencode(points.data(), count, kOptions);
  if (size < 0 || size > most) return folding.add(word);
  add_letters(folding, {reinterpret_cast<const char*>(points.data()), static_cast<std::size_t>(size)});
}

void add_ascii_word(Folding& folding, std::string_view word, std::string& lower) {
  lower.assign(word);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  folding.add(lower);
}

}  // namespace

/// Word by word, for most are ASCII, and nothing is composed across a blank.
void append_folded(std::string& out, std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n\v\f\r";
  Folding folding(out);
  std::string lower;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
    if (is_ascii(word) && !word.empty())
      add_ascii_word(folding, word, lower);
    else if (!word.empty())
      add_word(folding, word);
    folding.blank();
    text.remove_prefix(std::min(word.size() + 1, text.size()));
  }
}

std::string folded(std::string_view text) {
  std::string out;
  append_folded(out, text);
  return out;
}

std::string lower_case(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto [point, bytes] = first_letter(text);
    std::array<utf8proc_uint8_t, 4> lower{};
    const auto size = utf8proc_encode_char(utf8proc_tolower(point), lower.data());
    out.append(reinterpret_cast<const char*>(lower.data()), static_cast<std::size_t>(size));
    text.remove_prefix(bytes);
  }
  return out;
}

std::string_view without_blanks_around(std::string_view text) {
  while (!text.empty() && is_blank(first_letter(text).point)) text.remove_prefix(first_letter(text).bytes);
  for (std::size_t end = text.size(); end > 0;) {
    std::size_t begin = end - 1;
    while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xC0U) == 0x80U) --begin;
    if (!is_blank(first_letter(text.substr(begin)).point)) return text.substr(0, end);
    end = begin;
  }
  return {};
}

}  // namespace comporta
