#pragma once
// What stands behind a Section of settings.h: a mapping of the file, what was asked for in it, and what the
// answers were. For section.cpp and settings.cpp only.

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/config/settings.h"
#include "common/config/yaml_tree.h"

namespace comporta {

struct SettingsFault {
  int line;
  std::string text;  ///< `path.of.key: what is wrong`

  bool operator==(const SettingsFault&) const = default;
};

using SettingsFaults = std::vector<SettingsFault>;

std::string join_path(std::string_view path, std::string_view key);

struct Section::Node {
  using Pointer = std::shared_ptr<Node>;
  /// A YAML scalar or flow list as it is to be printed, or mappings.
  using Answer = std::variant<std::string, Pointer, std::vector<Pointer>>;

  const YamlNode* yaml;  ///< a kMap, or null: nothing is given
  std::string path;
  int line;
  SettingsFaults* faults;
  std::set<std::string, std::less<>> asked = {};
  std::vector<std::pair<std::string, Answer>> answers = {};

  const std::vector<YamlMember>& members() const;
  const YamlNode* find(std::string_view key) const;
  /// As find(), for a reader: the key is known now, and nothing is given back where a fault was reported.
  const YamlNode* ask(std::string_view key);
  /// The items of a list; none, and a fault, if it is something else. `what` was expected.
  const std::vector<YamlNode>& ask_items(std::string_view key, std::string_view what);
  /// Remembers the first answer for `key`, and gives back the one remembered.
  Answer& answer(std::string_view key, Answer value);
  /// The mapping at `found`, or an empty one.
  Pointer child(const YamlNode* found, std::string child_path) const;

  void fault(std::string_view key, std::string_view message);
  void expected(std::string_view key, std::string_view what, const YamlNode& found);
  void add_unknown_keys(SettingsFaults& out) const;
  /// Appends the answers as YAML.
  void write(std::string& out, const std::string& indent) const;

  /// A single value. `parse` gives an optional<T> of its text, `format` the YAML to print.
  template <typename T, typename Parse, typename Format>
  T read(std::string_view key, T value, std::string_view what, const Parse& parse, const Format& format) {
    if (const YamlNode* const found = ask(key)) {
      std::optional<T> parsed;
      if (found->kind == YamlNode::Kind::kText) parsed = parse(found->text);
      if (!parsed) expected(key, what, *found);
      if (parsed) value = std::move(*parsed);
    }
    answer(key, format(value));
    return value;
  }

  /// As read(), with a rule's fallback and range.
  template <typename T, typename Rule, typename Parse, typename Format>
  T read_in_range(std::string_view key, const Rule& rule, const std::string& what, const Parse& parse,
                  const Format& format) {
    const auto parse_in_range = [&](const std::string& text) {
      auto parsed = parse(text);
      return parsed && *parsed >= rule.min && *parsed <= rule.max ? parsed : std::nullopt;
    };
    const std::string range = what + " from " + format(rule.min) + " to " + format(rule.max);
    return read<T>(key, rule.fallback, range, parse_in_range, format);
  }
};

}  // namespace comporta
