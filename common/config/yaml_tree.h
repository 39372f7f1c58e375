#pragma once
// A YAML document as plain values that remember their lines. The only place that knows yaml-cpp.

#include <string>
#include <variant>
#include <vector>

namespace comporta {

struct YamlMember;

struct YamlNode {
  enum class Kind {
    kNothing,  ///< `key:` or `key: null`
    kText,
    kList,
    kMap,
    kFaulty,  ///< never parsed so: marked by a reader that has reported it already
  };

  Kind kind = Kind::kNothing;
  int line = 1;                     ///< of its key, where it has one
  std::string text;                 ///< of a kText, quotes and escapes undone
  bool quoted = false;              ///< of a kText: it had quotes, or stood in a block, so it is no number
  std::vector<YamlNode> items;      ///< of a kList
  std::vector<YamlMember> members;  ///< of a kMap, in the order of the file; a name may come twice
};

struct YamlMember {
  std::string name;
  YamlNode value;
};

struct YamlFault {
  int line;
  std::string what;
};

/// One document; an empty one is kNothing. Refuses what no settings file needs: several documents, keys
/// that are not text, more than 16 levels or 10,000 values (aliases count each time they are used).
std::variant<YamlNode, YamlFault> parse_yaml(const std::string& text);

}  // namespace comporta
