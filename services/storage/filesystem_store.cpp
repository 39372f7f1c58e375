#include "services/storage/filesystem_store.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/broker/message.h"

namespace comporta {
namespace {

namespace fs = std::filesystem;

/// A folder a day and kind: enough to know all that are in use. It is refilled when it is full.
constexpr std::size_t kMaxDurableFolders = 1'000;

[[noreturn]] void fail(const char* what, const fs::path& path) {
  throw TransientError(std::string(what) + " " + path.string() + ": " +
                       std::generic_category().message(errno));
}

/// Absolute, and without a slash at its end: the parents of paths below it end at it.
fs::path normal(const fs::path& root) {
  const fs::path whole = fs::absolute(root).lexically_normal();
  return whole.has_filename() ? whole : whole.parent_path();
}

class File {
 public:
  File(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC)) {}
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }

 private:
  int fd_;
};

void sync_folder(const fs::path& folder) {
  const File file(folder, O_RDONLY | O_DIRECTORY);
  if (!file.is_open() || ::fsync(file.fd()) != 0) fail("sync", folder);
}

void write_all(const File& file, std::string_view data, const fs::path& path) {
  while (!data.empty()) {
    const ssize_t written = ::write(file.fd(), data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write", path);
    data.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// A new file beside `target`, removed again unless it has been renamed to it.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& folder)
      : path_((folder / ".new-XXXXXX").string()), file_(::mkostemp(path_.data(), O_CLOEXEC)) {
    if (!file_.is_open()) fail("create a file in", folder);
  }
  ~TemporaryFile() {
    if (!renamed_) ::unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void fill(std::string_view data) {
    write_all(file_, data, path_);
    if (::fsync(file_.fd()) != 0) fail("sync", path_);
  }
  void rename_to(const fs::path& target) {
    if (::rename(path_.c_str(), target.c_str()) != 0) fail("rename to", target);
    renamed_ = true;
  }

 private:
  std::string path_;
  File file_;
  bool renamed_ = false;
};

void wait_readable(int fd, std::chrono::milliseconds limit) {
  pollfd wake{.fd = fd, .events = POLLIN, .revents = 0};  // poll() passes over a negative fd
  ::poll(&wake, 1, static_cast<int>(limit.count()));
}

std::string read_all(const File& file, const fs::path& path) {
  struct stat status {};
  if (::fstat(file.fd(), &status) != 0) fail("read", path);
  std::string data(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t at = 0;
  while (at < data.size()) {
    const ssize_t got = ::read(file.fd(), data.data() + at, data.size() - at);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) fail("read", path);
    at += static_cast<std::size_t>(got);
  }
  return data;
}

/// The names of the objects below `folder` that come after `after`, in no order.
std::vector<std::string> names_below(const fs::path& root, const std::string& folder,
                                     const std::string& after) {
  std::vector<std::string> names;
  std::error_code error;
  fs::recursive_directory_iterator entry(root / folder, error);
  while (!error && entry != fs::recursive_directory_iterator()) {
    std::string name = entry->path().lexically_relative(root).generic_string();
    if (is_object_name(name) && name > after) names.push_back(std::move(name));
    entry.increment(error);
  }
  const bool none = error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory;
  if (error && !none) throw TransientError("list " + folder + ": " + error.message());
  return names;
}

/// Nothing: it has been taken away since it was listed.
std::optional<StoredObject> describe(const fs::path& root, std::string name) {
  struct stat status {};
  if (::stat((root / name).c_str(), &status) != 0) {
    if (errno == ENOENT) return std::nullopt;
    fail("read", root / name);
  }
  const auto time =
      std::chrono::seconds(status.st_mtim.tv_sec) + std::chrono::nanoseconds(status.st_mtim.tv_nsec);
  const std::chrono::system_clock::time_point stored{
      std::chrono::duration_cast<std::chrono::system_clock::duration>(time)};
  return StoredObject{.name = std::move(name),
                      .size_bytes = static_cast<std::size_t>(status.st_size),
                      .stored_at = rfc3339(stored)};
}

}  // namespace

FilesystemWriter::FilesystemWriter(const fs::path& root) : root_(normal(root)) {}

void FilesystemWriter::start_prepare(std::uint64_t token) {
  works_.push_back({token, nullptr});
}

void FilesystemWriter::start_put(std::uint64_t token, std::shared_ptr<const NewObject> object) {
  check(is_object_name(object->name), "an object's name comes from object_name()");
  works_.push_back({token, std::move(object)});
}

std::vector<StoreResult> FilesystemWriter::poll(int wake_fd, std::chrono::milliseconds limit) {
  if (works_.empty()) {
    wait_readable(wake_fd, limit);
    return {};
  }
  const Work work = std::move(works_.front());
  works_.pop_front();
  return {run(work)};
}

StoreResult FilesystemWriter::run(const Work& work) {
  try {
    if (work.object) {
      write(*work.object);
    } else {
      make_durable_folder(root_);
      TemporaryFile(root_).fill("1\n");
    }
    return {work.token, std::nullopt};
  } catch (const TransientError& error) {
    durable_.clear();  // a folder may have been removed
    return {work.token, error.what()};
  }
}

void FilesystemWriter::write(const NewObject& object) {
  const fs::path target = root_ / object.name;
  const fs::path folder = target.parent_path();
  make_durable_folder(folder);
  TemporaryFile file(folder);
  file.fill(object.body);
  file.rename_to(target);
  sync_folder(folder);
}

void FilesystemWriter::make_durable_folder(const fs::path& folder) {
  if (durable_.contains(folder)) return;
  const fs::path parent = folder.parent_path();
  std::error_code error;
  const bool below_root = folder.native().size() > root_.native().size();
  if (below_root || !fs::exists(parent, error)) make_durable_folder(parent);
  const bool created = fs::create_directory(folder, error);
  if (error) throw TransientError("create " + folder.string() + ": " + error.message());
  // Also when it was there: whoever made it may have ended before they could. But what lies above a root
  // that was there may not be ours to open.
  if (created || below_root) sync_folder(parent);
  if (durable_.size() >= kMaxDurableFolders) durable_.clear();
  durable_.insert(folder);
}

FilesystemReader::FilesystemReader(const fs::path& root) : root_(normal(root)) {}

std::optional<std::string> FilesystemReader::get(const std::string& name) const {
  if (!is_object_name(name)) return std::nullopt;
  const File file(root_ / name, O_RDONLY);
  if (file.is_open()) return read_all(file, root_ / name);
  if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
  fail("read", root_ / name);
}

ObjectPage FilesystemReader::list(const std::string& folder, const std::string& after,
                                  std::size_t limit) const {
  std::vector<std::string> names = names_below(root_, folder, after);
  std::sort(names.begin(), names.end());
  ObjectPage page;
  auto name = names.begin();
  for (; name != names.end() && page.objects.size() < limit; ++name)
    if (auto object = describe(root_, std::move(*name))) page.objects.push_back(std::move(*object));
  page.more = name != names.end();
  return page;
}

}  // namespace comporta
