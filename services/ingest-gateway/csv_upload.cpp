#include "services/ingest-gateway/csv_upload.h"

#include <utility>

#include "services/ingest-gateway/upload.h"

namespace comporta::gateway {
namespace {

constexpr std::size_t kMostBytesOfOne = 3;  ///< of windows-1252, in UTF-8

}  // namespace

std::optional<Problem> read_csv(UploadBody& body, CsvPlaces& places, const CsvColumns& columns,
                                const CsvLimits& limits) {
  if (!body.csv) return std::nullopt;
  const bool is_utf8 = body.csv->charset == CsvCharset::kUtf8;
  if (!is_utf8 && !limits.may_hold((1 + kMostBytesOfOne) * body.json.capacity()))
    return unavailable(kNoPlace);
  const std::string text = csv_text(std::move(body.json), body.csv->charset);
  CsvLimits beside = limits;
  beside.may_hold = [&](std::size_t bytes) { return limits.may_hold(text.capacity() + bytes); };
  auto made = records_of_csv(text, body.csv->has_names, columns, beside);
  if (auto* problem = std::get_if<Problem>(&made)) return std::move(*problem);
  auto& records = std::get<CsvRecords>(made);
  body.json = std::move(records.json);
  body.format = records.format;
  places = std::move(records.places);
  return std::nullopt;
}

}  // namespace comporta::gateway
