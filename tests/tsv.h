#pragma once
// Tables of expected outcomes, beside the test files that they describe.

#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace comporta::test {

inline std::string read_bytes(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file);
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

/// A row by column names; a cell of `-` is empty, and so is an empty one.
using Row = std::map<std::string, std::string>;

inline std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> all(1);
  for (const char c : line) {
    if (c == '\t')
      all.emplace_back();
    else
      all.back() += c;
  }
  return all;
}

/// The rows of a tab-separated table whose first line names the columns; lines with `#` are comments.
inline std::vector<Row> read_table(const std::string& file) {
  std::istringstream in(read_bytes(file));
  std::vector<std::string> names;
  std::vector<Row> rows;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('#')) continue;
    const std::vector<std::string> values = cells(line);
    if (names.empty()) {
      names = values;
      continue;
    }
    if (values.size() != names.size()) throw std::runtime_error(file + ": a row of another length: " + line);
    Row& row = rows.emplace_back();
    for (std::size_t i = 0; i < names.size(); ++i) row[names[i]] = values[i] == "-" ? "" : values[i];
  }
  return rows;
}

}  // namespace comporta::test
