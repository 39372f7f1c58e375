// A daemon's file, whose first line is a comment that begins with its name. What is read without a fault,
// printed as what is in effect, is read again without a fault, and is then the same.

#include "common/config/log_settings.h"
#include "common/http/server.h"
#include "services/cache/settings.h"
#include "services/ingest-gateway/settings.h"
#include "services/storage/settings.h"
#include "tests/fuzz/support.h"

namespace {

using namespace comporta;

constexpr std::uint16_t kPrivatePort = 9081;
using Reader = void (*)(const Section&);

/// The one whose file it seems to be; the gateway's otherwise.
Reader reader_of(std::string_view text) {
  if (text.starts_with("# storage")) return [](const Section& root) { read_storage_settings(root); };
  if (text.starts_with("# cache")) return [](const Section& root) { read_cache_settings(root, KindSet()); };
  return [](const Section& root) { gateway::read_gateway_settings(root, fuzz::kinds()); };
}

struct Reading {
  std::vector<std::string> faults;
  std::string effective;
};

Reading read(std::string_view text, Reader reader) {
  static const test::TemporaryFolder folder;
  const auto file = folder.path() / "settings.yaml";
  fuzz::write_file(file, text);
  Settings settings(file);
  const Section root = settings.root();
  read_log_settings(root.section("log"));
  read_http_settings(root.section("operations"), kPrivatePort);
  root.text("kinds", "kinds");
  reader(root);
  Reading reading{.faults = settings.faults(), .effective = settings.effective()};
  for (const std::string& fault : reading.faults)
    check(fault.starts_with(file.string() + ":"), "a fault says where");
  return reading;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const Reader reader = reader_of(text);
  const Reading first = read(text, reader);
  // What stands for a variable is not looked at again, but would be in a second file.
  if (!first.faults.empty() || first.effective.find("${") != std::string::npos) return 0;
  const Reading second = read(first.effective, reader);
  check(second.faults.empty(), "what is in effect is good");
  check(second.effective == first.effective, "what is in effect stays in effect");
  return 0;
}
