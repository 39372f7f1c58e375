#include "common/base/file.h"
#include "common/json/rapid.h"
#include "common/kinds/reading.h"

namespace comporta {
namespace {

constexpr std::size_t kMaxFileBytes = 1024 * 1024;

/// Empty if it is good. The schemas are for people and their tools, and nothing is checked by them here.
std::string fault_of(const std::string& text, const KindViews& views) {
  rapidjson::Document answers;
  answers.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  if (answers.HasParseError()) return std::string("not JSON: ") + GetParseError_En(answers.GetParseError());
  if (!answers.IsObject()) return "must be an object with a schema for each query";
  for (const auto& [name, schema] : answers.GetObject()) {
    if (!views.queries.contains(text_of(name)))
      return "the kind has no query `" + std::string(text_of(name)) + "`";
    if (!schema.IsObject()) return "`" + std::string(text_of(name)) + "` must be a schema: an object";
  }
  return {};
}

}  // namespace

std::string read_answers(const std::filesystem::path& file, const KindViews& views,
                         std::vector<std::string>& faults) {
  if (!std::filesystem::exists(file)) return {};
  std::optional<std::string> text = read_file(file, kMaxFileBytes);
  const std::string fault = text ? fault_of(*text, views) : "must be a file of at most 1 MiB";
  if (!fault.empty()) faults.push_back(file.string() + ":1: " + fault);
  return fault.empty() ? *text : std::string();
}

}  // namespace comporta
