#include "common/base/folded_text.h"

#include <utf8proc.h>

#include <algorithm>
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
    utf8proc_int32_t point = 0;
    const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &point);
    const auto bytes = static_cast<std::size_t>(std::max<utf8proc_ssize_t>(size, 1));
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

}  // namespace comporta
