#pragma once
// A file of examples/ that says what a kind must do: docs/KINDS.md, "Examples".

#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "common/base/text_format.h"

namespace comporta {

struct ExampleStep {
  enum class What { kUpload, kDelete, kQuery, kRecord, kOutcome, kReactions };
  What what;
  int line;
  std::string kind;
  std::string name;  ///< of a kDelete and kRecord the key, of a kQuery the view
  Moment at;         ///< of an upload its arrival, of a question what time it is; by default the last step's
  std::string principal = {};           ///< who uploads or asks: `<kind>/<key>`; empty: it does not say
  std::vector<std::string> roles = {};  ///< that they have
  std::string records = {};             ///< of a kUpload: a JSON array
  std::map<std::string, std::string> parameters = {};
  int status = 200;
  std::string expected = {};  ///< JSON; empty: only the status matters
};

struct KindExample {
  std::string name;
  std::vector<ExampleStep> steps;
  std::map<std::string, std::string> environment;  ///< by which the kinds are read
};

/// Or what is wrong with the file, as `file:line: what`.
std::variant<KindExample, std::string> read_example(const std::filesystem::path& file);

}  // namespace comporta
