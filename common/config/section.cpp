#include <algorithm>

#include "common/base/file.h"
#include "common/base/text.h"
#include "common/config/section_node.h"
#include "common/config/setting_values.h"
#include "common/config/settings.h"

namespace comporta {
namespace {

constexpr std::size_t kMaxSecretBytes = 64 * 1024;

std::optional<std::string> any_text(const std::string& text) {
  return text;
}

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

std::optional<bool> parse_flag(const std::string& text) {
  return text == "true" || text == "false" ? std::optional(text == "true") : std::nullopt;
}

std::string format_flag(bool value) {
  return value ? "true" : "false";
}

std::string format_count(std::int64_t number) {
  return std::to_string(number);
}

std::string format_secret(const std::string& secret) {
  return secret.empty() ? "\"\"" : "\"***\"";
}

std::string join_list(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list.append(list.empty() ? "" : ", ").append(format_text(text));
  return list;
}

}  // namespace

std::string Section::text(std::string_view key, std::string_view fallback) const {
  return node_->read(key, std::string(fallback), "text", any_text, format_text);
}

std::string Section::required_text(std::string_view key) const {
  if (!has(key)) fault(key, "is missing: expected text");
  return node_->read(key, std::string(), "text that is not empty", unless_empty, format_text);
}

std::int64_t Section::count(std::string_view key, CountRule rule) const {
  return node_->read_in_range<std::int64_t>(key, rule, "a whole number", parse_count, format_count);
}

std::chrono::milliseconds Section::duration(std::string_view key, DurationRule rule) const {
  return node_->read_in_range<std::chrono::milliseconds>(key, rule, "a time with its unit (ms, s, m, h)",
                                                         parse_duration, format_duration);
}

std::size_t Section::bytes(std::string_view key, BytesRule rule) const {
  return node_->read_in_range<std::size_t>(key, rule, "a size with its unit (B, KiB, MiB, GiB)", parse_bytes,
                                           format_bytes);
}

bool Section::flag(std::string_view key, bool fallback) const {
  return node_->read(key, fallback, "true or false", parse_flag, format_flag);
}

std::string Section::choice(std::string_view key, std::string_view fallback,
                            const std::vector<std::string>& allowed) const {
  const auto parse = [&](const std::string& text) {
    return std::count(allowed.begin(), allowed.end(), text) > 0 ? std::optional(text) : std::nullopt;
  };
  return node_->read(key, std::string(fallback), "one of " + join_list(allowed), parse, format_text);
}

std::string Section::secret(std::string_view key, std::string_view fallback) const {
  const std::string file_key = std::string(key) + "_file";
  node_->asked.insert(file_key);
  const std::string file = has(file_key) ? text(file_key, "") : "";
  if (file.empty()) return node_->read(key, std::string(fallback), "text", any_text, format_secret);
  node_->asked.emplace(key);
  if (has(key)) fault(file_key, "contradicts `" + std::string(key) + "`: give one of them");
  std::string content = read_file(file, kMaxSecretBytes).value_or("");
  if (content.ends_with('\n')) content.pop_back();
  if (content.ends_with('\r')) content.pop_back();
  if (content.empty()) fault(file_key, "expected a readable file of up to 64KiB that is not empty");
  return content;
}

std::vector<std::string> Section::texts(std::string_view key) const {
  std::vector<std::string> texts;
  for (const YamlNode& item : node_->ask_items(key, "a list of texts")) {
    using Kind = YamlNode::Kind;
    if (item.kind == Kind::kText) texts.push_back(item.text);
    if (item.kind != Kind::kText && item.kind != Kind::kFaulty)
      node_->expected(key, "a list of texts only", item);
  }
  node_->answer(key, '[' + join_list(texts) + ']');
  return texts;
}

std::vector<std::string> Section::one_or_more_texts(std::string_view key) const {
  const YamlNode* const found = node_->find(key);
  if (found != nullptr && found->kind == YamlNode::Kind::kText) return {text(key, "")};
  return texts(key);
}

Section Section::section(std::string_view key) const {
  const YamlNode* const found = node_->ask(key);
  using Kind = YamlNode::Kind;
  if (found != nullptr && found->kind != Kind::kMap && found->kind != Kind::kNothing) {
    node_->expected(key, "a mapping", *found);
  }
  const auto child = node_->child(found, join_path(node_->path, key));
  return Section(std::get<Node::Pointer>(node_->answer(key, child)));
}

std::vector<Section> Section::sections(std::string_view key) const {
  const std::string path = join_path(node_->path, key);
  std::vector<Node::Pointer> children;
  std::size_t index = 0;
  for (const YamlNode& item : node_->ask_items(key, "a list of mappings")) {
    const auto child = node_->child(&item, path + '[' + std::to_string(index++) + ']');
    if (item.kind == YamlNode::Kind::kMap) children.push_back(child);
    if (item.kind != YamlNode::Kind::kMap) node_->expected(key, "a list of mappings only", item);
  }
  std::vector<Section> sections;
  for (const auto& child : std::get<std::vector<Node::Pointer>>(node_->answer(key, std::move(children)))) {
    sections.push_back(Section(child));
  }
  return sections;
}

bool Section::has(std::string_view key) const {
  return node_->find(key) != nullptr;
}

bool Section::is_mapping(std::string_view key) const {
  const YamlNode* found = node_->find(key);
  return found != nullptr && found->kind == YamlNode::Kind::kMap;
}

bool Section::is_list(std::string_view key) const {
  const YamlNode* found = node_->find(key);
  return found != nullptr && found->kind == YamlNode::Kind::kList;
}

bool Section::is_quoted(std::string_view key) const {
  const YamlNode* found = node_->find(key);
  return found != nullptr && found->quoted;
}

std::vector<std::string> Section::keys() const {
  std::vector<std::string> keys;
  for (const YamlMember& member : node_->members()) {
    node_->asked.insert(member.name);
    keys.push_back(member.name);
  }
  return keys;
}

void Section::fault(std::string_view key, std::string_view message) const {
  node_->fault(key, message);
}

}  // namespace comporta
