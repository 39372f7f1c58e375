// page.yaml, beside the other files of the kind `order`, in its family. One without faults is JSON.

#include "common/json/rapid.h"
#include "tests/fuzz/support.h"

namespace {

using namespace comporta;

/// A folder with the kinds of the product, of which one has that page.
class Folder {
 public:
  Folder() { std::filesystem::copy("kinds", folder_.path(), std::filesystem::copy_options::recursive); }
  const std::filesystem::path& with(std::string_view page_yaml) const {
    fuzz::write_file(folder_.path() / "order" / "page.yaml", page_yaml);
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
  const KindPage& page = set.find("order")->page;
  check(!page.path.empty(), "a page has a path");
  rapidjson::Document panels;
  panels.Parse(page.panels.data(), page.panels.size());
  check(!panels.HasParseError() && panels.IsArray(), "panels are JSON");
  return 0;
}
