#include "common/access/key_file.h"

#include <sys/stat.h>

#include <utility>

#include "common/base/file.h"
#include "common/telemetry/log.h"

namespace comporta {
namespace {

constexpr std::size_t kLargestFile = 64 * 1024;
constexpr std::chrono::seconds kLookEvery{1};

}  // namespace

KeyRing read_key_ring(const std::filesystem::path& file, std::vector<std::string>& faults) {
  const auto text = read_file(file, kLargestFile);
  if (text) return parse_key_ring(*text, faults);
  faults.push_back("cannot be read: " + file.string());
  return {};
}

KeyFile::KeyFile(std::filesystem::path file) : file_(std::move(file)) {
  if (!file_.empty()) read();
}

std::shared_ptr<const KeyRing> KeyFile::ring() const {
  const std::lock_guard lock(mutex_);
  return ring_;
}

std::shared_ptr<const KeyRing> KeyFile::look_again() {
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  if (file_.empty() || now - looked_ < kLookEvery) return ring_;
  looked_ = now;
  if (stamp() != stamp_) read();
  return ring_;
}

std::optional<std::chrono::system_clock::time_point> KeyFile::written() const {
  const std::lock_guard lock(mutex_);
  return written_;
}

std::string KeyFile::stamp() const {
  struct stat status {};
  if (::stat(file_.c_str(), &status) != 0) return "";
  return std::to_string(status.st_ino) + ":" + std::to_string(status.st_size) + ":" +
         std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec);
}

void KeyFile::read() {
  std::string stamp_before = stamp();
  std::vector<std::string> faults;
  KeyRing ring = read_key_ring(file_, faults);
  stamp_ = std::move(stamp_before);
  for (const std::string& fault : faults) log_error("the keys of tokens cannot be read", {{"fault", fault}});
  if (!faults.empty()) return;
  ring_ = std::make_shared<const KeyRing>(std::move(ring));
  struct stat status {};
  if (::stat(file_.c_str(), &status) == 0)
    written_ = std::chrono::system_clock::from_time_t(status.st_mtim.tv_sec);
}

}  // namespace comporta
