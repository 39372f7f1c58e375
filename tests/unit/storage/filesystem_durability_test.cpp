// What a power cut leaves of an object that was reported as written: known by the calls that the driver makes
// to the system, which this program sees before the system does.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "services/storage/filesystem_store.h"
#include "tests/support/batches.h"
#include "tests/support/temporary_folder.h"

namespace comporta {
namespace {

namespace fs = std::filesystem;
using test::batch_name;

/// Forgets in a power cut whatever it is not told to keep.
class Disk {
 public:
  void made(const fs::path& folder) { unsynced_entries_.insert(folder); }
  void renamed(const fs::path& from, const fs::path& to) {
    unsynced_entries_.insert(to);
    if (!synced_.contains(from)) hollow_.insert(to);
  }
  void synced(const fs::path& path) {
    synced_.insert(path);
    std::erase_if(unsynced_entries_, [&](const fs::path& entry) { return entry.parent_path() == path; });
  }

  /// Whether the file is found below `root`, with its bytes.
  bool keeps(const fs::path& root, const std::string& name) const {
    for (fs::path path = root / name; path != root.parent_path(); path = path.parent_path())
      if (unsynced_entries_.contains(path)) return false;
    return !hollow_.contains(root / name);
  }

 private:
  std::set<fs::path> unsynced_entries_;  ///< of which their folder may know nothing
  std::set<fs::path> synced_;
  std::set<fs::path> hollow_;  ///< renamed before its bytes were there
};

Disk disk;

}  // namespace
}  // namespace comporta

// In the place of the C library's.

extern "C" int fsync(int fd) {
  comporta::disk.synced(std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd)));
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

extern "C" int mkdir(const char* path, mode_t mode) noexcept {
  const int result = ::mkdirat(AT_FDCWD, path, mode);
  if (result == 0) comporta::disk.made(path);
  return result;
}

extern "C" int rename(const char* from, const char* to) noexcept {
  const int result = ::renameat(AT_FDCWD, from, AT_FDCWD, to);
  if (result == 0) comporta::disk.renamed(from, to);
  return result;
}

namespace comporta {
namespace {

class FilesystemDurability : public testing::Test {
 protected:
  FilesystemDurability() { disk = {}; }

  void put(const std::string& name) {
    writer.start_put(
        1, std::make_shared<const NewObject>(NewObject{.name = name, .body = "x", .sha256 = {}, .parts = 1}));
    EXPECT_EQ(writer.poll(-1, std::chrono::milliseconds(0)).at(0).fault, std::nullopt);
  }

  test::TemporaryFolder folder;
  fs::path root = folder.path() / "a" / "objects";
  FilesystemWriter writer{root};
};

TEST_F(FilesystemDurability, EachObjectThatIsWrittenSurvivesAPowerCut) {
  for (const std::uint8_t number : std::initializer_list<std::uint8_t>{1, 2, 1}) {
    put(batch_name("user", number));
    EXPECT_TRUE(disk.keeps(root, batch_name("user", number)));
  }
  put(batch_name("order", 3));
  EXPECT_TRUE(disk.keeps(root, batch_name("order", 3)));
}

TEST_F(FilesystemDurability, FoldersOfSomebodyWhoEndedTooEarlyAreMadeToLast) {
  fs::create_directories((root / batch_name("user", 1)).parent_path());
  EXPECT_FALSE(disk.keeps(root / "user", "2026")) << "the calls are seen";
  put(batch_name("user", 1));
  EXPECT_TRUE(disk.keeps(root / "user", batch_name("user", 1).substr(sizeof "user")));
}

}  // namespace
}  // namespace comporta
