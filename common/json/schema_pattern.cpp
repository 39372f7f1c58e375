#include "common/json/schema_pattern.h"

#include <algorithm>
#include <stdexcept>

#include "common/base/utf8.h"

namespace comporta {
namespace {

constexpr std::size_t kMaxStates = 10'000;  ///< of the automaton, with repetitions written out
constexpr std::size_t kMaxRepeats = 1'000;
constexpr std::u32string_view kSpecial = U"^$\\.*+?()[]{}|";
constexpr std::u32string_view kControlEscapes = U"fnrtv";

bool contains(std::u32string_view set, char32_t c) {
  return set.find(c) != std::u32string_view::npos;
}

/// Leaves the parser; never leaves this file.
struct Fault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What is known of a part of a pattern.
struct Part {
  std::size_t states = 1;
  bool can_be_empty = false;
  bool has_alternatives = false;  ///< outside of parentheses
};

class Parser {
 public:
  explicit Parser(std::string_view pattern) : text_(decode_utf8(pattern)) {}

  void pattern() {
    const bool begin = take(U'^');
    const Part whole = alternatives();
    const bool end = take(U'$');
    if (at_ < text_.size()) throw Fault("'^' and '$' may only stand at the two ends, ')' only after '('");
    if ((begin || end) && whole.has_alternatives)
      throw Fault("put the alternatives in parentheses: '^' and '$' are for all of them");
    if (whole.can_be_empty && !(begin && end))
      throw Fault("it can match nothing at all: put '^' and '$' around it");
  }

 private:
  Part alternatives() {
    Part all = sequence();
    while (take(U'|')) {
      const Part next = sequence();
      if (all.can_be_empty || next.can_be_empty) throw Fault("an alternative can match nothing at all");
      all = {all.states + next.states + 1, false, true};
    }
    return all;
  }

  Part sequence() {
    Part all{0, true};
    while (at_ < text_.size() && !contains(U"|)$", text_[at_])) {
      const Part next = repeated(atom());
      all.states += next.states;
      all.can_be_empty = all.can_be_empty && next.can_be_empty;
      if (all.states > kMaxStates) throw Fault("its repetitions make it too large");
    }
    if (all.states == 0) throw Fault("nothing to match at position " + position());
    return all;
  }

  Part atom() {
    if (take(U'(')) {
      Part inner = alternatives();
      if (!take(U')')) throw Fault("a '(' is not closed");
      inner.has_alternatives = false;
      return inner;
    }
    if (take(U'[')) {
      character_class();
    } else if (take(U'\\')) {
      escaped(false);
    } else if (!take(U'.')) {
      if (contains(kSpecial, text_[at_]))
        throw Fault("a character that needs a '\\' at position " + position());
      ++at_;
    }
    return {};
  }

  void character_class() {
    take(U'^');
    if (peek() == U']') throw Fault("an empty '[]'");
    while (!take(U']')) {
      const char32_t first = class_character();
      const bool range = peek() == U'-' && at_ + 1 < text_.size() && text_[at_ + 1] != U']';
      if (!range) continue;
      ++at_;
      if (class_character() < first) throw Fault("a range that runs backwards at position " + position());
    }
  }

  char32_t class_character() {
    if (at_ == text_.size()) throw Fault("a '[' is not closed");
    return take(U'\\') ? escaped(true) : text_[at_++];
  }

  char32_t escaped(bool in_class) {
    const char32_t c = peek();
    if (!contains(kSpecial, c) && !contains(kControlEscapes, c) && !(in_class && c == U'b'))
      throw Fault("an escape that is not supported at position " + position() + " (write [0-9] for \\d)");
    ++at_;
    if (contains(kSpecial, c)) return c;
    return c == U'b'   ? 0x08
           : c == U'f' ? 0x0C
           : c == U'n' ? 0x0A
           : c == U'r' ? 0x0D
           : c == U't' ? 0x09
                       : 0x0B;
  }

  Part repeated(Part part) {
    if (!contains(U"?*+{", peek()) || at_ == text_.size()) return part;
    if (part.can_be_empty) throw Fault("a repetition of what can match nothing at position " + position());
    const Part result = quantifier(part);
    if (at_ < text_.size() && contains(U"?*+{", peek()))
      throw Fault("two repetitions in a row at position " + position());
    return result;
  }

  Part quantifier(Part part) {
    if (take(U'?') || take(U'*')) return {part.states + 1, true};
    if (take(U'+')) return {part.states + 1, false};
    take(U'{');
    const std::size_t low = number();
    std::size_t high = low;
    if (take(U',')) high = peek() == U'}' ? std::max<std::size_t>(low, 1) : number();
    if (!take(U'}') || high < low || high == 0) throw Fault("a bad '{…}' before position " + position());
    return {(part.states + 1) * high, low == 0};
  }

  std::size_t number() {
    std::size_t value = 0;
    const std::size_t start = at_;
    while (at_ < text_.size() && contains(U"0123456789", text_[at_]) && value <= kMaxRepeats)
      value = value * 10 + (text_[at_++] - U'0');
    if (at_ == start || value > kMaxRepeats) throw Fault("a bad '{…}' before position " + position());
    return value;
  }

  char32_t peek() const { return at_ < text_.size() ? text_[at_] : U'\0'; }
  bool take(char32_t c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::string position() const { return std::to_string(at_ + 1); }

  std::u32string text_;
  std::size_t at_ = 0;
};

}  // namespace

std::string pattern_fault(std::string_view pattern) {
  try {
    Parser(pattern).pattern();
    return {};
  } catch (const Fault& fault) {
    return fault.what();
  }
}

}  // namespace comporta
