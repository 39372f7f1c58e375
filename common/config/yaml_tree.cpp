#include "common/config/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <sstream>

namespace comporta {
namespace {

constexpr int kMaxDepth = 16;
constexpr int kMaxValues = 10'000;

int line_of(const YAML::Mark& mark) {
  return mark.is_null() ? 1 : mark.line + 1;
}

// Refuses a second document as soon as it begins: YAML::LoadAll would go on for ever where the parser takes
// a character that it never gets past, such as a stray comma, for one document after the other.
class OneDocument final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) throw YamlFault{line_of(mark), "holds more than one document"};
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
  }
  void OnMapEnd() override {}

 private:
  int documents_ = 0;
};

void refuse_more_than_one_document(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  OneDocument handler;
  while (parser.HandleNextDocument(handler)) {
  }
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
    refuse_more_than_one_document(text);
    const YAML::Node document = YAML::Load(text);
    return TreeCopy().copy(document, line_of(document.Mark()));
  } catch (const YAML::Exception& error) {
    return YamlFault{line_of(error.mark), "is not YAML: " + error.msg};
  } catch (const YamlFault& fault) {
    return fault;
  }
}

}  // namespace comporta
