#include "tests/kinds/kind_example.h"

#include <algorithm>
#include <regex>
#include <set>

#include "common/base/file.h"
#include "common/base/text.h"
#include "common/config/yaml_tree.h"

namespace comporta {
namespace {

using What = ExampleStep::What;
using Kind = YamlNode::Kind;

constexpr std::size_t kMaxFileBytes = 1024 * 1024;

struct Fault {
  int line;
  std::string what;
};

const YamlNode* find(const YamlNode& map, std::string_view name) {
  for (const YamlMember& member : map.members)
    if (member.name == name) return &member.value;
  return nullptr;
}

const YamlNode& need(const YamlNode& map, std::string_view name, Kind kind) {
  const YamlNode* found = find(map, name);
  if (found == nullptr) throw Fault{map.line, "`" + std::string(name) + "` is missing"};
  if (found->kind != kind) throw Fault{found->line, "`" + std::string(name) + "` is of the wrong type"};
  return *found;
}

void allow(const YamlNode& map, const std::set<std::string_view>& names) {
  if (map.kind != Kind::kMap) throw Fault{map.line, "must be a mapping"};
  for (const YamlMember& member : map.members)
    if (!names.contains(member.name)) throw Fault{member.value.line, "unknown key `" + member.name + "`"};
}

/// What YAML's JSON schema takes for something else than text.
bool is_literal(const std::string& text) {
  static const std::regex literal("null|true|false|-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?");
  return std::regex_match(text, literal);
}

std::string as_json(const YamlNode& node) {
  std::string out;
  switch (node.kind) {
    case Kind::kText:
      return node.quoted || !is_literal(node.text) ? json_string(node.text) : node.text;
    case Kind::kList:
      for (const YamlNode& item : node.items) out += (out.empty() ? "" : ",") + as_json(item);
      return "[" + out + "]";
    case Kind::kMap:
      for (const YamlMember& member : node.members)
        out += (out.empty() ? "" : ",") + json_string(member.name) + ":" + as_json(member.value);
      return "{" + out + "}";
    default:
      return "null";
  }
}

Moment read_time(const YamlNode& node) {
  const auto moment = parse_date_time(node.text);
  if (!moment) throw Fault{node.line, "`at` must be a time such as 2026-03-11T12:00:00Z"};
  return *moment;
}

/// `<kind>/<name>`; the name may have slashes.
void split_name(const YamlNode& node, ExampleStep& step) {
  const std::size_t slash = node.text.find('/');
  if (slash == std::string::npos) throw Fault{node.line, "must be <kind>/<name>"};
  step.kind = node.text.substr(0, slash);
  step.name = node.text.substr(slash + 1);
}

/// `as` and `roles`.
void read_sender(const YamlNode& node, ExampleStep& step) {
  const YamlNode* as = find(node, "as");
  if (as != nullptr) {
    step.principal = need(node, "as", Kind::kText).text;
    const std::size_t slash = step.principal.find('/');
    if (slash == 0 || slash == std::string::npos || slash + 1 == step.principal.size())
      throw Fault{as->line, "`as` must be <kind>/<key> of an account"};
  }
  if (find(node, "roles") == nullptr) return;
  if (as == nullptr) throw Fault{node.line, "`roles` are of somebody: `as` is missing"};
  for (const YamlNode& role : need(node, "roles", Kind::kList).items) step.roles.push_back(role.text);
}

void read_expectation(const YamlNode& node, ExampleStep& step) {
  const YamlNode* status = find(node, "status");
  const YamlNode* expected = find(node, "expect");
  if ((status == nullptr) == (expected == nullptr)) throw Fault{node.line, "needs `expect` or `status`"};
  if (expected != nullptr) step.expected = as_json(*expected);
  if (status == nullptr) return;
  if (!std::regex_match(status->text, std::regex("[2-5][0-9][0-9]")))
    throw Fault{status->line, "`status` must be that of an HTTP answer"};
  step.status = std::stoi(status->text);
}

void read_upload(const YamlNode& node, ExampleStep& step) {
  allow(node, {"at", "upload", "records", "as", "roles"});
  step.what = What::kUpload;
  step.kind = need(node, "upload", Kind::kText).text;
  step.records = as_json(need(node, "records", Kind::kList));
}

void read_deletion(const YamlNode& node, ExampleStep& step) {
  allow(node, {"at", "delete", "key", "as", "roles"});
  step.what = What::kDelete;
  step.kind = need(node, "delete", Kind::kText).text;
  step.name = need(node, "key", Kind::kText).text;
}

void read_query(const YamlNode& node, ExampleStep& step) {
  allow(node, {"at", "query", "parameters", "expect", "status", "as", "roles"});
  step.what = What::kQuery;
  split_name(need(node, "query", Kind::kText), step);
  if (find(node, "parameters") != nullptr)
    for (const YamlMember& member : need(node, "parameters", Kind::kMap).members)
      step.parameters[member.name] = member.value.text;
  read_expectation(node, step);
}

void read_record(const YamlNode& node, ExampleStep& step) {
  allow(node, {"record", "expect", "status", "as", "roles"});
  step.what = What::kRecord;
  split_name(need(node, "record", Kind::kText), step);
  read_expectation(node, step);
}

void read_outcome(const YamlNode& node, ExampleStep& step) {
  allow(node, {"outcome"});
  step.what = What::kOutcome;
  step.expected = as_json(need(node, "outcome", Kind::kMap));
}

void read_reactions(const YamlNode& node, ExampleStep& step) {
  allow(node, {"reactions"});
  step.what = What::kReactions;
  const YamlNode& list = need(node, "reactions", Kind::kList);
  for (const YamlNode& one : list.items) {
    allow(one, {"name", "with"});
    need(one, "name", Kind::kText);
    need(one, "with", Kind::kMap);
  }
  step.expected = as_json(list);
}

ExampleStep read_step(const YamlNode& node, Moment last) {
  ExampleStep step{.what = What::kUpload, .line = node.line, .kind = {}, .name = {}, .at = last};
  const YamlNode* at = find(node, "at");
  if (at != nullptr) step.at = read_time(*at);
  read_sender(node, step);
  const bool changes = find(node, "upload") != nullptr || find(node, "delete") != nullptr;
  if (changes && at == nullptr) throw Fault{node.line, "`at` is missing"};
  if (find(node, "upload") != nullptr)
    read_upload(node, step);
  else if (find(node, "delete") != nullptr)
    read_deletion(node, step);
  else if (find(node, "query") != nullptr)
    read_query(node, step);
  else if (find(node, "record") != nullptr)
    read_record(node, step);
  else if (find(node, "outcome") != nullptr)
    read_outcome(node, step);
  else if (find(node, "reactions") != nullptr)
    read_reactions(node, step);
  else
    throw Fault{node.line, "must be one of upload, delete, query, record, outcome, reactions"};
  return step;
}

KindExample read(const YamlNode& root) {
  allow(root, {"name", "environment", "steps"});
  KindExample example{need(root, "name", Kind::kText).text, {}, {}};
  if (find(root, "environment") != nullptr)
    for (const YamlMember& variable : need(root, "environment", Kind::kMap).members)
      example.environment[variable.name] = variable.value.text;
  Moment last{};
  for (const YamlNode& node : need(root, "steps", Kind::kList).items) {
    example.steps.push_back(read_step(node, last));
    last = example.steps.back().at;
  }
  const auto asks = [](const ExampleStep& step) {
    return step.what != What::kUpload && step.what != What::kDelete;
  };
  if (std::none_of(example.steps.begin(), example.steps.end(), asks))
    throw Fault{root.line, "asks nothing: it needs a query, a record, an outcome or reactions"};
  return example;
}

}  // namespace

std::variant<KindExample, std::string> read_example(const std::filesystem::path& file) {
  const auto text = read_file(file, kMaxFileBytes);
  if (!text) return file.string() + ": there is no such file of at most 1 MiB";
  const auto parsed = parse_yaml(*text);
  try {
    if (const auto* fault = std::get_if<YamlFault>(&parsed)) throw Fault{fault->line, fault->what};
    return read(std::get<YamlNode>(parsed));
  } catch (const Fault& fault) {
    return file.string() + ":" + std::to_string(fault.line) + ": " + fault.what;
  }
}

}  // namespace comporta
