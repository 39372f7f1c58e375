#include "common/config/settings.h"

#include <algorithm>

#include "common/base/file.h"
#include "common/config/section_node.h"
#include "common/config/setting_values.h"
#include "common/config/yaml_tree.h"

namespace comporta {
namespace {

using Kind = YamlNode::Kind;

constexpr std::size_t kMaxFileBytes = 1024 * 1024;

std::variant<YamlNode, YamlFault> load(const std::filesystem::path& file) {
  const auto content = read_file(file, kMaxFileBytes);
  if (!content) return YamlFault{1, "expected a readable file of up to 1MiB"};
  auto parsed = parse_yaml(*content);
  const auto* const root = std::get_if<YamlNode>(&parsed);
  if (root != nullptr && root->kind != Kind::kMap && root->kind != Kind::kNothing) {
    return YamlFault{root->line, "expected a mapping (key: value)"};
  }
  return parsed;
}

void replace_member(YamlNode& map, const std::string& name, const std::string& text) {
  std::erase_if(map.members, [&](const YamlMember& member) { return member.name == name; });
  map.kind = Kind::kMap;
  YamlNode value;
  value.kind = Kind::kText;
  value.text = text;
  map.members.push_back({name, std::move(value)});
}

// Replaces references to the environment and drops repeated keys, so that readers see neither.
void prepare(YamlNode& node, const std::string& path, SettingsFaults& faults) {
  if (node.kind == Kind::kText) {
    auto expanded = expand_environment(node.text);
    if (const auto* bad = std::get_if<BadReference>(&expanded)) {
      faults.push_back({node.line, path + ": " + bad->what});
      node.kind = Kind::kFaulty;
    } else {
      node.text = std::move(std::get<std::string>(expanded));
    }
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    prepare(node.items[i], path + '[' + std::to_string(i) + ']', faults);
  }
  std::set<std::string> seen;
  std::erase_if(node.members, [&](YamlMember& member) {
    const std::string member_path = join_path(path, member.name);
    const bool repeated = !seen.insert(member.name).second;
    if (repeated) faults.push_back({member.value.line, member_path + ": is given twice"});
    if (!repeated) prepare(member.value, member_path, faults);
    return repeated;
  });
}

}  // namespace

struct Settings::Impl {
  std::filesystem::path file;
  std::variant<YamlNode, YamlFault> document;
  SettingsFaults faults = {};
  Section::Node::Pointer root = nullptr;
};

Settings::Settings(const std::filesystem::path& file, const std::map<std::string, std::string>& overrides)
    : impl_(new Impl{.file = file, .document = load(file)}) {
  YamlNode* const tree = std::get_if<YamlNode>(&impl_->document);
  if (tree != nullptr) {
    for (const auto& [name, text] : overrides) replace_member(*tree, name, text);
    prepare(*tree, "", impl_->faults);
  }
  const Section::Node nothing{nullptr, "", 1, &impl_->faults};
  impl_->root = nothing.child(tree, "");
}

Settings::~Settings() = default;

Section Settings::root() {
  return Section(impl_->root);
}

std::vector<std::string> Settings::faults() {
  SettingsFaults all = impl_->faults;
  impl_->root->add_unknown_keys(all);
  if (const auto* broken = std::get_if<YamlFault>(&impl_->document)) all = {{broken->line, broken->what}};
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.line < b.line; });
  all.erase(std::unique(all.begin(), all.end()), all.end());
  std::vector<std::string> lines;
  for (const auto& [line, text] : all) {
    lines.push_back(impl_->file.string() + ':' + std::to_string(line) + ": " + text);
  }
  return lines;
}

std::string Settings::effective() const {
  std::string out;
  impl_->root->write(out, "");
  return out;
}

}  // namespace comporta
