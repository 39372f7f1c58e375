// Uploads to try a kind with are good ones.

#include "common/csv/records.h"
#include "common/csv/text.h"
#include "common/kinds/reading.h"
#include "common/kinds/transforms.h"

namespace comporta {

bool is_sample(std::string_view extension) {
  return extension == ".json" || extension == ".ndjson" || extension == ".jsonl" || extension == ".csv";
}

std::optional<Problem> sample_problem(std::string content, std::string_view extension,
                                      const RecordSchema& schema, const Kind& kind) {
  CsvRecords records{.json = std::move(content),
                     .format = extension == ".json" ? UploadFormat::kJson : UploadFormat::kNdjson};
  const CsvColumns columns = csv_columns_of(kind, schema);
  if (extension == ".csv") {
    auto made = records_of_csv(csv_text(std::move(records.json), CsvCharset::kUtf8), true, columns, {});
    if (auto* problem = std::get_if<Problem>(&made)) return std::move(*problem);
    records = std::get<CsvRecords>(std::move(made));
  }
  const UploadLimits limits;
  auto problem = bring_into_form(Transforms(kind.forms), records.json, records.format, limits);
  if (problem) return problem;
  auto checked = check_upload(records.json, records.format, schema, limits);
  if (auto* bad = std::get_if<Problem>(&checked)) return std::move(*bad);
  return std::nullopt;
}

}  // namespace comporta
