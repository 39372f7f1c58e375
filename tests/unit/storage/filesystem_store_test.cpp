// What only the filesystem driver promises; the rest is in tests/contract/storage/object_store_test.cpp.

#include "services/storage/filesystem_store.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "common/base/digest.h"
#include "common/base/error.h"
#include "tests/support/batches.h"
#include "tests/support/temporary_folder.h"

namespace comporta {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using test::batch_name;

/// While it is there a write that would make a file longer than this stops short, as on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : former_handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &former_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = former_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &former_);
    std::signal(SIGXFSZ, former_handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit former_{};
  sighandler_t former_handler_;
};

class FilesystemStoreTest : public testing::Test {
 protected:
  StoreResult run() {
    const std::vector<StoreResult> results = writer.poll(-1, 0ms);
    EXPECT_EQ(results.size(), 1U);
    return results.empty() ? StoreResult{} : results.front();
  }
  StoreResult put(const std::string& name, const std::string& body) {
    writer.start_put(1, std::make_shared<const NewObject>(NewObject{
                            .name = name, .body = body, .sha256 = to_hex(sha256(body)), .parts = 1}));
    return run();
  }
  void place(const std::string& path, const std::string& text) {
    fs::create_directories((root / path).parent_path());
    std::ofstream(root / path) << text;
  }

  test::TemporaryFolder folder;
  fs::path root = folder.path() / "a" / "objects";
  FilesystemWriter writer{root};
  FilesystemReader reader{root};
};

TEST_F(FilesystemStoreTest, PrepareMakesTheWholePathAndLeavesNothingInIt) {
  writer.start_prepare(7);
  const StoreResult result = run();
  EXPECT_EQ(result.token, 7U);
  EXPECT_EQ(result.fault, std::nullopt);
  EXPECT_TRUE(fs::is_directory(root));
  EXPECT_TRUE(fs::is_empty(root));
}

TEST_F(FilesystemStoreTest, TakesItsRootInAnyForm) {
  for (const fs::path& form : {root / "", root / "." / "x" / "..", fs::relative(root)}) {
    FilesystemWriter other(form);
    other.start_put(1, std::make_shared<const NewObject>(
                           NewObject{.name = batch_name("user", 1), .body = "x", .sha256 = {}}));
    EXPECT_EQ(other.poll(-1, 0ms).at(0).fault, std::nullopt) << form;
    EXPECT_EQ(FilesystemReader(form).get(batch_name("user", 1)), "x") << form;
    EXPECT_EQ(FilesystemReader(form).list("user/", "", 9).objects.size(), 1U) << form;
    EXPECT_EQ(reader.get(batch_name("user", 1)), "x") << form;
    fs::remove_all(root);
  }
}

TEST_F(FilesystemStoreTest, LeavesNothingBesideTheObject) {
  EXPECT_EQ(put(batch_name("user", 1), "x").fault, std::nullopt);
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.is_regular_file()) files.push_back(entry.path().lexically_relative(root));
  }
  EXPECT_EQ(files, std::vector<std::string>{batch_name("user", 1)});
}

TEST_F(FilesystemStoreTest, ReportsAPathThatIsNoFolder) {
  place("user", "a file where a folder should be");
  const StoreResult result = put(batch_name("user", 1), "x");
  ASSERT_TRUE(result.fault.has_value());
  EXPECT_NE(result.fault->find("user"), std::string::npos);
  fs::remove(root / "user");
  EXPECT_EQ(put(batch_name("user", 1), "x").fault, std::nullopt);
}

TEST_F(FilesystemStoreTest, MakesAgainWhatWasRemovedUnderIt) {
  EXPECT_EQ(put(batch_name("user", 1), "x").fault, std::nullopt);
  fs::remove_all(root);
  EXPECT_NE(put(batch_name("user", 2), "y").fault, std::nullopt);  // finds out
  EXPECT_EQ(put(batch_name("user", 2), "y").fault, std::nullopt);
  EXPECT_EQ(reader.get(batch_name("user", 2)), "y");
}

TEST_F(FilesystemStoreTest, DoesNotSeeWhatIsNoObject) {
  EXPECT_EQ(put(batch_name("user", 2), "x").fault, std::nullopt);
  const std::string day = batch_name("user", 2).substr(0, sizeof "user/2026/11/22");
  place(day + ".new-abcdef", "half of an ob");
  place(day + "notes.txt", "mine");
  place("user/2026/11/21/" + test::batch_id(1) + ".ndjson", "of another day");
  const ObjectPage page = reader.list("user/", "", 10);
  ASSERT_EQ(page.objects.size(), 1U);
  EXPECT_EQ(page.objects[0].name, batch_name("user", 2));
}

TEST_F(FilesystemStoreTest, PassesOverWhatIsTakenAwayWhileItIsListed) {
  for (const std::uint8_t number : std::initializer_list<std::uint8_t>{1, 3})
    EXPECT_EQ(put(batch_name("user", number), "x").fault, std::nullopt);
  fs::create_symlink(root / "gone", root / batch_name("user", 2));  // has a name, and is not there
  const ObjectPage page = reader.list("user/", batch_name("user", 1), 1);
  ASSERT_EQ(page.objects.size(), 1U);
  EXPECT_EQ(page.objects[0].name, batch_name("user", 3));
  EXPECT_FALSE(page.more);
}

TEST_F(FilesystemStoreTest, NeverLeavesItsRoot) {
  place("secret", "s");
  place("user/2026/11/22/notes.txt", "s");
  for (const std::string name :
       {"secret", "../objects/secret", "/etc/passwd", "user/2026/11/22/notes.txt", "user/../secret", ""}) {
    EXPECT_EQ(reader.get(name), std::nullopt) << name;
  }
}

TEST_F(FilesystemStoreTest, AFailureOfTheDiskIsTransient) {
  const std::string name = batch_name("user", 1);
  fs::create_directories(root / name);  // a folder in the object's place cannot be read as a file
  EXPECT_THROW((void)reader.get(name), TransientError);
  EXPECT_NE(put(name, "x").fault, std::nullopt);
}

TEST_F(FilesystemStoreTest, AnObjectThatIsNotWrittenToItsEndIsNotWritten) {
  const std::string name = batch_name("user", 1);
  std::optional<std::string> fault;
  {
    const FileSizeLimit limit(1'000);
    fault = put(name, std::string(4'000, 'x')).fault;
  }
  EXPECT_NE(fault, std::nullopt);
  EXPECT_EQ(reader.get(name), std::nullopt);
  EXPECT_TRUE(fs::is_empty((root / name).parent_path())) << "and nothing of it is left";
  EXPECT_EQ(put(name, std::string(4'000, 'x')).fault, std::nullopt);
}

TEST_F(FilesystemStoreTest, PollReturnsEarlyWhenTheOtherIsReadable) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  const auto before = std::chrono::steady_clock::now();
  EXPECT_TRUE(writer.poll(ends[0], std::chrono::hours(1)).empty());
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::minutes(10));
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace comporta
