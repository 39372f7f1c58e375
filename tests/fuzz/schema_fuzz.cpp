// A kind's schema.json and, behind the first NUL, an upload that is checked with it.

#include "common/json/record_schema.h"
#include "tests/fuzz/support.h"

namespace {

using namespace comporta;

constexpr UploadLimits kLimits{
    .max_records = 50, .max_record_bytes = 2048, .max_depth = 16, .max_faults = 10};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view input = fuzz::text_of(data, size);
  const std::string_view text = input.substr(0, input.find('\0'));
  std::vector<std::string> faults;
  const auto schema = RecordSchema::compile(text, "schema.json", faults);
  check((schema == nullptr) == !faults.empty(), "a schema compiles, or its faults are said");
  if (schema == nullptr) return 0;
  for (std::string upload :
       {std::string(input.substr(std::min(input.size(), text.size() + 1))),
        std::string(R"([{}, {"a": "b", "id": 1.5e3, "c": [true, null, {"d": "\u00e7"}]}])")}) {
    const std::string before = upload;
    const auto checked = check_upload(upload, UploadFormat::kJson, *schema, kLimits);
    check(std::holds_alternative<CheckedUpload>(checked) || upload == before, "a refused body is as it was");
  }
  for (const char* member : {"_id", "id", "a"})
    if (schema->requires_member(member) && schema->describes_member(member)) schema->of_member_alone(member);
  return 0;
}
