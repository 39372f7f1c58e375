#include "common/csv/reader.h"

namespace comporta {
namespace {

constexpr std::string_view kStray =
    "A cell with a quotation mark in it must stand between quotation marks, and the one in it be written "
    "twice.";
constexpr std::string_view kBehind =
    "Behind the quotation mark that ends a cell must follow the next cell or the next line. One within a "
    "cell is "
    "written twice.";
constexpr std::string_view kOpen = "The quotation mark that begins this cell is never closed.";

}  // namespace

std::string CsvCell::text() const {
  if (!has_marks) return std::string(raw);
  std::string text;
  text.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    text += raw[i];
    if (raw[i] == '"') ++i;
  }
  return text;
}

std::size_t csv_line_at(std::string_view text, std::size_t offset) {
  std::size_t line = 1;
  for (std::size_t i = 0; i < offset; ++i)
    if (text[i] == '\n' || (text[i] == '\r' && text.substr(i + 1, 1) != "\n")) ++line;
  return line;
}

bool CsvReader::read(std::vector<CsvCell>& cells) {
  cells.clear();
  if (at_ == text_.size() || fault_) return false;
  line_ = next_line_;
  do {
    if (!read_cell(cells.emplace_back())) return false;
  } while (at_ < text_.size() && text_[at_] == separator_ && ++at_ > 0);
  take_line_break();
  return true;
}

/// Up to the separator or the line break behind it.
bool CsvReader::read_cell(CsvCell& cell) {
  if (at_ < text_.size() && text_[at_] == '"') return read_quoted(cell);
  const std::size_t begin = at_;
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == separator_ || c == '\n' || c == '\r') break;
    if (c == '"') {
      fault_ = {at_, kStray};
      return false;
    }
  }
  cell.raw = text_.substr(begin, at_ - begin);
  return true;
}

bool CsvReader::read_quoted(CsvCell& cell) {
  const std::size_t begin = at_ + 1;
  for (++at_; at_ < text_.size(); ++at_) {
    if (text_[at_] == '"' && text_.substr(at_ + 1, 1) != "\"") break;
    if (text_[at_] == '"') {
      cell.has_marks = true;
      ++at_;
    }
  }
  if (at_ == text_.size()) {
    fault_ = {begin - 1, kOpen};
    return false;
  }
  cell.raw = text_.substr(begin, at_ - begin);
  next_line_ += csv_line_at(cell.raw, cell.raw.size()) - 1;
  const char next = ++at_ < text_.size() ? text_[at_] : '\n';
  if (next != separator_ && next != '\n' && next != '\r') fault_ = {at_, kBehind};
  return !fault_;
}

/// Whatever stands behind a cell is one, or the end.
bool CsvReader::take_line_break() {
  if (at_ == text_.size()) return false;
  at_ += text_.substr(at_).starts_with("\r\n") ? 2 : 1;
  ++next_line_;
  return true;
}

}  // namespace comporta
