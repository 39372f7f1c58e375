#include "common/yaml_tree.h"

#include <yaml-cpp/yaml.h>

namespace comporta {
namespace {

constexpr int kMaxDepth = 16;
constexpr int kMaxValues = 10'000;

int line_of(const YAML::Mark& mark) {
  return mark.is_null() ? 1 : mark.line + 1;
}

// Copies yaml-cpp's graph, in which an alias may even lead back to where it stands, into a tree.
class TreeCopy {
 public:
  YamlNode copy(const YAML::Node& from, int line, int depth = 0) {
    if (depth > kMaxDepth) throw YamlFault{line, "is nested too deeply"};
    if (++values_ > kMaxValues) throw YamlFault{line, "has too many values"};
    YamlNode to;
    to.line = line;
    if (from.IsScalar()) {
      to.kind = YamlNode::Kind::kText;
      to.text = from.Scalar();
      to.quoted = from.Tag() == "!";
    } else if (from.IsSequence()) {
      to.kind = YamlNode::Kind::kList;
      for (const auto& item : from) to.items.push_back(copy(item, line_of(item.Mark()), depth + 1));
    } else if (from.IsMap()) {
      to.kind = YamlNode::Kind::kMap;
      for (const auto& member : from) to.members.push_back(copy_member(member.first, member.second, depth));
    }
    return to;
  }

 private:
  YamlMember copy_member(const YAML::Node& key, const YAML::Node& value, int depth) {
    const int line = line_of(key.Mark());
    if (!key.IsScalar()) throw YamlFault{line, "a key must be text"};
    return {key.Scalar(), copy(value, line, depth + 1)};
  }

  int values_ = 0;
};

}  // namespace

std::variant<YamlNode, YamlFault> parse_yaml(const std::string& text) {
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.empty()) return YamlNode{};
    if (documents.size() > 1) return YamlFault{line_of(documents[1].Mark()), "holds more than one document"};
    return TreeCopy().copy(documents[0], line_of(documents[0].Mark()));
  } catch (const YAML::Exception& error) {
    return YamlFault{line_of(error.mark), "is not YAML: " + error.msg};
  } catch (const YamlFault& fault) {
    return fault;
  }
}

}  // namespace comporta
