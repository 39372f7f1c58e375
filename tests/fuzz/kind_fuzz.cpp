// kind.yaml, beside the other files of the kind `order`. A kind without faults can be served.

#include "common/kinds/transforms.h"
#include "services/cache/apply/part_line.h"
#include "services/ingest-gateway/kinds_json.h"
#include "tests/fuzz/support.h"

namespace {

using namespace comporta;

/// A folder with that one kind.
class Folder {
 public:
  Folder() {
    std::filesystem::copy("kinds/order", folder_.path() / "order", std::filesystem::copy_options::recursive);
  }
  const std::filesystem::path& with(std::string_view kind_yaml) const {
    fuzz::write_file(folder_.path() / "order" / "kind.yaml", kind_yaml);
    return folder_.path();
  }

 private:
  test::TemporaryFolder folder_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static const Folder folder;
  std::vector<std::string> faults;
  const KindSet set = KindSet::load(folder.with(fuzz::text_of(data, size)), faults);
  if (!faults.empty()) return 0;
  const Kind& kind = set.all().begin()->second;
  check(!kind.key.empty() && kind.ttl.count() >= 0, "a kind has a key and a time");
  check(kind.transforms.size() <= kMaxTransforms, "transforms keep to their limit");
  static Metrics metrics;
  static const Gatekeeper keeper({.closed = true}, metrics);
  check(!gateway::kinds_json(set, keeper).empty(), "a kind can be shown");
  const Transforms transforms(kind.transforms, "secret");
  const PartReader reader(kind);
  return 0;
}
