// How fast one core checks uploads of transactions: bytes and records a second.

#include <benchmark/benchmark.h>

#include <fstream>
#include <sstream>
#include <string>

#include "common/json/record_schema.h"

namespace comporta {
namespace {

std::shared_ptr<const RecordSchema> transaction_schema() {
  std::ifstream in(COMPORTA_SOURCE_DIR "/kinds/transaction/schema.json");
  std::ostringstream text;
  text << in.rdbuf();
  std::vector<std::string> faults;
  return RecordSchema::compile(text.str(), "schema.json", faults);
}

std::string record(std::size_t number) {
  return R"({"_id":"cliente)" + std::to_string(number) +
         R"(","isActive":true,"cliente":"Cliente fulano","email":"clientefulanoo@example.com",)"
         R"("endereco":"Cidade A, Estado A, 1000","datatrasancao":"2024-03-11T12:00:00 +00:00"})";
}

std::string upload(std::size_t records, UploadFormat format) {
  const bool json = format == UploadFormat::kJson;
  std::string body = json ? "[" : "";
  for (std::size_t i = 0; i < records; ++i) body += (i == 0 ? "" : json ? "," : "\n") + record(i);
  return body + (json ? "]" : "\n");
}

void check_transactions(benchmark::State& state, UploadFormat format) {
  const auto schema = transaction_schema();
  const auto records = static_cast<std::size_t>(state.range(0));
  std::string body = upload(records, format);
  for (auto _ : state) {
    const auto result = check_upload(body, format, *schema, {});
    if (!std::holds_alternative<CheckedUpload>(result)) state.SkipWithError("refused");
    if (format == UploadFormat::kNdjson) {
      state.PauseTiming();
      body = upload(records, format);  // its line breaks have become spaces
      state.ResumeTiming();
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(body.size()) * state.iterations());
  state.SetItemsProcessed(state.range(0) * state.iterations());
}

BENCHMARK_CAPTURE(check_transactions, json, UploadFormat::kJson)->Arg(1)->Arg(100)->Arg(5'000)->Arg(100'000);
BENCHMARK_CAPTURE(check_transactions, ndjson, UploadFormat::kNdjson)->Arg(5'000);

}  // namespace
}  // namespace comporta

BENCHMARK_MAIN();
