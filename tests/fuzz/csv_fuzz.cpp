// A table from its bytes to records, and a list from JSON to a table. The input: a line with the kind, one
// with the charset, and the table.

#include "common/csv/list.h"
#include "common/csv/records.h"
#include "common/csv/text.h"
#include "tests/fuzz/support.h"

namespace {

using namespace comporta;

constexpr std::size_t kMaxBytes = 256 * 1024;

struct Known {
  std::shared_ptr<const RecordSchema> schema;
  CsvColumns columns;
};

const Known& known(const Kind& kind) {
  static std::map<std::string, Known> all;
  const auto found = all.find(kind.name);
  if (found != all.end()) return found->second;
  std::vector<std::string> faults;
  auto schema = RecordSchema::compile(kind.schema, "schema.json", faults);
  CsvColumns columns = csv_columns_of(kind, *schema);
  return all.emplace(kind.name, Known{std::move(schema), std::move(columns)}).first->second;
}

void check_refusal(const Problem& problem) {
  check(problem.status == 400 || problem.status == 413 || problem.status == 415 || problem.status == 422,
        "a refusal is the client's");
  check(!problem.detail.empty() && problem.errors.size() <= UploadLimits{}.max_faults, "a refusal says why");
  for (const RecordFault& fault : problem.errors) check(fault.line > 0, "a fault has its line");
}

/// What a table becomes is JSON, whatever its schema says of it, and each record has its line.
void check_records(CsvRecords records, const Known& kind, std::string_view text) {
  check(records.json.size() <= kMaxBytes, "the records keep to their limit");
  const auto result = check_upload(records.json, records.format, *kind.schema, {});
  const auto* problem = std::get_if<Problem>(&result);
  check(problem == nullptr || problem->status == 422 || (problem->status == 400 && records.json.empty()) ||
            problem->status == 413,
        "what comes out of a table is JSON");
  const std::vector<std::uint32_t>& lines = records.places.lines;
  for (std::size_t i = 0; i < lines.size(); ++i)
    check(lines[i] >= 1 && lines[i] <= 1 + text.size() && (i == 0 || lines[i] > lines[i - 1]),
          "records have lines");
  if (problem == nullptr)
    check(std::get<CheckedUpload>(result).records.size() == lines.size(), "each record has its line");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::string_view input = fuzz::text_of(data, size);
  const Kind& kind = fuzz::kind_named(fuzz::take_line(input));
  const auto charset = csv_charset(fuzz::take_line(input));
  const std::string text = csv_text(std::string(input), charset.value_or(CsvCharset::kUtf8));
  check(text.size() <= 3 * input.size(), "a text keeps to its limit");
  for (const bool has_names : {true, false}) {
    auto made = records_of_csv(text, has_names, known(kind).columns, {.upload = {}, .max_bytes = kMaxBytes});
    if (const auto* problem = std::get_if<Problem>(&made))
      check_refusal(*problem);
    else
      check_records(std::get<CsvRecords>(std::move(made)), known(kind), text);
  }
  const auto list = csv_of_list(input, {"id", "name"}, [](const std::string& column) { return column; });
  check(!list || list->text.starts_with("\xEF\xBB\xBF"), "a list says that it is UTF-8");
  return 0;
}
