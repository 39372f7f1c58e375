// What the cache reads from the broker: part lines. The first line names the kind, each other one is a part.

#include "common/base/uuid.h"
#include "common/broker/message.h"
#include "services/cache/apply/part_line.h"
#include "tests/fuzz/support.h"

namespace {

using namespace comporta;

constexpr std::size_t kFewParts = 8;

struct Sizes {
  explicit Sizes(const Group& group)
      : text(group.text.size()), parts(group.parts.size()), records(group.records.size()) {}
  bool operator==(const Sizes&) const = default;
  std::size_t text, parts, records;
};

void check_slice(const Group& group, Slice slice) {
  check(std::size_t{slice.begin} + slice.size <= group.text.size(), "a slice is inside the text");
}

void check_part(const Group& group, const Part& part, const Sizes& before) {
  check(part.first_record == before.records && part.first_record + part.record_count == group.records.size(),
        "a part's records are those that were added");
  check(part.record_count > 0, "a part has records");
  check(is_uuid_v7(group.at(part.upload)), "a part has an upload");
  check(group.at(part.mark).starts_with(group.at(part.upload)), "a mark begins with its upload");
  check(part.digest.size == 0 || part.digest.size == 64, "a digest is whole");
  for (const Record& record : group.records_of(part)) {
    for (const Slice slice : {record.key, record.value, record.viewed}) check_slice(group, slice);
    check(record.key.size > 0, "a record has a key");
    check(group.at(record.value).starts_with('{') && group.at(record.value).ends_with('}'),
          "what is kept is an object");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::string_view input = fuzz::text_of(data, size);
  PartReader reader(fuzz::kind_named(fuzz::take_line(input)));
  Group group;
  group.add_batch("01935c1e-7a2b-7c3d-8e4f-5a6b7c8d9e0f");
  for (std::size_t i = 0; i < kFewParts && !input.empty(); ++i) {
    const std::string_view line = fuzz::take_line(input);
    const Sizes before(group);
    const auto fault = reader.read(line, group);
    const Sizes after(group);
    if (fault) check(before == after, "a malformed part leaves the group as it was");
    if (!fault) check(after.parts == before.parts + 1, "a good part is added");
    if (!fault) check_part(group, group.parts.back(), before);
  }
  return 0;
}
