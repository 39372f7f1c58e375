#include "common/config/section_node.h"

#include "common/base/text.h"
#include "common/config/setting_values.h"

namespace comporta {
namespace {

using Kind = YamlNode::Kind;

// For people, in a fault. A secret never comes here: any text is good as a secret.
std::string describe(const YamlNode& node) {
  constexpr std::size_t kShownBytes = 60;
  switch (node.kind) {
    case Kind::kText:
      return json_string(std::string_view(node.text).substr(0, kShownBytes));
    case Kind::kList:
      return "a list";
    case Kind::kMap:
      return "a mapping";
    default:
      return "nothing";
  }
}

}  // namespace

std::string join_path(std::string_view path, std::string_view key) {
  std::string joined(path);
  if (!joined.empty()) joined += '.';
  return joined += key;
}

const std::vector<YamlMember>& Section::Node::members() const {
  static const std::vector<YamlMember> none;
  return yaml == nullptr ? none : yaml->members;
}

const YamlNode* Section::Node::find(std::string_view key) const {
  for (const YamlMember& member : members()) {
    if (member.name == key) return &member.value;
  }
  return nullptr;
}

const YamlNode* Section::Node::ask(std::string_view key) {
  asked.emplace(key);
  const YamlNode* const found = find(key);
  return found != nullptr && found->kind == Kind::kFaulty ? nullptr : found;
}

const std::vector<YamlNode>& Section::Node::ask_items(std::string_view key, std::string_view what) {
  static const std::vector<YamlNode> none;
  const YamlNode* const found = ask(key);
  if (found == nullptr) return none;
  if (found->kind != Kind::kList) expected(key, what, *found);
  return found->items;
}

Section::Node::Answer& Section::Node::answer(std::string_view key, Answer value) {
  for (auto& [name, known] : answers) {
    if (name == key) return known;
  }
  return answers.emplace_back(key, std::move(value)).second;
}

Section::Node::Pointer Section::Node::child(const YamlNode* found, std::string child_path) const {
  const int child_line = found == nullptr ? line : found->line;
  if (found != nullptr && found->kind != Kind::kMap) found = nullptr;
  return std::make_shared<Node>(Node{found, std::move(child_path), child_line, faults});
}

void Section::Node::fault(std::string_view key, std::string_view message) {
  const YamlNode* const found = find(key);
  faults->push_back(
      {found == nullptr ? line : found->line, join_path(path, key).append(": ").append(message)});
}

void Section::Node::expected(std::string_view key, std::string_view what, const YamlNode& found) {
  fault(key, std::string("expected ").append(what).append(", found ").append(describe(found)));
}

void Section::Node::add_unknown_keys(SettingsFaults& out) const {
  for (const auto& [name, value] : members()) {
    if (asked.contains(name)) continue;
    const std::string similar(similar_name(name, asked));
    const std::string hint = similar.empty() ? "" : " (did you mean `" + similar + "`?)";
    out.push_back({value.line, join_path(path, name) + ": unknown key" + hint});
  }
  for (const auto& [key, value] : answers) {
    if (const auto* one = std::get_if<Pointer>(&value)) (*one)->add_unknown_keys(out);
    if (const auto* many = std::get_if<std::vector<Pointer>>(&value)) {
      for (const auto& node : *many) node->add_unknown_keys(out);
    }
  }
}

void Section::Node::write(std::string& out, const std::string& indent) const {
  for (const auto& [key, value] : answers) {
    out += indent + format_text(key) + ':';
    if (const auto* scalar = std::get_if<std::string>(&value)) {
      out += ' ' + *scalar + '\n';
    } else if (const auto* one = std::get_if<Pointer>(&value)) {
      out += (*one)->answers.empty() ? " {}\n" : "\n";
      (*one)->write(out, indent + "  ");
    } else {
      const auto& many = std::get<std::vector<Pointer>>(value);
      out += many.empty() ? " []\n" : "\n";
      for (const auto& node : many) {
        out += indent + (node->answers.empty() ? "  - {}\n" : "  -\n");
        node->write(out, indent + "    ");
      }
    }
  }
}

}  // namespace comporta
