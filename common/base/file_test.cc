#include "common/base/file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "common/base/temporary_folder.h"

namespace base {
namespace {

namespace fs = std::filesystem;

// A folder of its own for each test, removed at the end.
class FileTest : public testing::Test {
 protected:
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::recursive_directory_iterator(directory_), {}));
  }

  const TemporaryFolder own_{"file_test"};
  const fs::path directory_ = own_.path();
};

TEST_F(FileTest, ReadsBackWhatWasCommitted) {
  const std::string binary("a\0\xff\n", 4);
  FileSet files(directory_);
  ASSERT_TRUE(files.add("x.bin", binary).has_value());
  ASSERT_TRUE(files.add("empty", "").has_value());
  ASSERT_TRUE(files.commit().has_value());

  EXPECT_EQ(read_file(directory_ / "x.bin").value(), binary);
  EXPECT_EQ(read_file(directory_ / "empty").value(), "");
  EXPECT_EQ(entries(), 2U);
}

TEST_F(FileTest, ReadsFilesLargerThanItsBuffer) {
  const std::string large(300'000, 'x');
  FileSet files(directory_);
  ASSERT_TRUE(files.add("large", large).has_value());
  ASSERT_TRUE(files.commit().has_value());

  EXPECT_EQ(read_file(directory_ / "large").value(), large);
}

TEST_F(FileTest, ASecretIsForItsOwnerAlone) {
  const auto others = [&](const char* name) {
    return fs::status(directory_ / name).permissions() & (fs::perms::group_all | fs::perms::others_all);
  };
  FileSet files(directory_);
  ASSERT_TRUE(files.add("secret", "1", FileAccess::kOwner).has_value());
  ASSERT_TRUE(files.add("open", "2").has_value());
  ASSERT_TRUE(files.commit().has_value());
  EXPECT_EQ(others("secret"), fs::perms::none);
  EXPECT_NE(others("open"), fs::perms::none);

  FileSet again(directory_);
  ASSERT_TRUE(again.add("open", "3", FileAccess::kOwner).has_value());
  ASSERT_TRUE(again.commit().has_value());
  EXPECT_EQ(others("open"), fs::perms::none) << "also where a file was open before";
}

TEST_F(FileTest, SaysWhichFileIsMissing) {
  const auto content = read_file(directory_ / "absent.yaml");

  ASSERT_FALSE(content.has_value());
  EXPECT_EQ(content.error().code, ErrorCode::kNotFound);
  EXPECT_NE(content.error().message.find("absent.yaml"), std::string::npos);
}

TEST_F(FileTest, CannotReadAFolder) {
  const auto content = read_file(directory_);

  ASSERT_FALSE(content.has_value());
  EXPECT_EQ(content.error().code, ErrorCode::kInternal);
}

TEST_F(FileTest, NothingStandsUnderAFinalNameBeforeTheCommit) {
  FileSet files(directory_);
  ASSERT_TRUE(files.add("a", "1").has_value());

  EXPECT_FALSE(fs::exists(directory_ / "a"));
}

TEST_F(FileTest, WhatWasNotCommittedLeavesNoTrace) {
  {
    FileSet files(directory_);
    ASSERT_TRUE(files.add("a", "1").has_value());
    ASSERT_TRUE(files.add("b", "2").has_value());
  }

  EXPECT_EQ(entries(), 0U);
}

TEST_F(FileTest, KeepsTheOldContentUntilTheCommit) {
  FileSet first(directory_);
  ASSERT_TRUE(first.add("a", "old").has_value());
  ASSERT_TRUE(first.commit().has_value());

  FileSet second(directory_);
  ASSERT_TRUE(second.add("a", "new").has_value());
  EXPECT_EQ(read_file(directory_ / "a").value(), "old");
  ASSERT_TRUE(second.commit().has_value());
  EXPECT_EQ(read_file(directory_ / "a").value(), "new");
}

TEST_F(FileTest, CreatesFoldersOnTheWay) {
  FileSet files(directory_ / "out" / "deep");
  ASSERT_TRUE(files.add("seed-1/a.csv", "1").has_value());
  ASSERT_TRUE(files.commit().has_value());

  EXPECT_EQ(read_file(directory_ / "out" / "deep" / "seed-1" / "a.csv").value(), "1");
}

TEST_F(FileTest, RefusesAFolderThatIsAFileAndAFileThatIsAFolder) {
  FileSet files(directory_);
  ASSERT_TRUE(files.add("a", "1").has_value());
  ASSERT_TRUE(files.commit().has_value());
  fs::create_directory(directory_ / "folder");

  EXPECT_FALSE(FileSet(directory_ / "a").add("b", "2").has_value());
  const auto onto_folder = FileSet(directory_).add("folder", "2");
  ASSERT_FALSE(onto_folder.has_value());
  EXPECT_NE(onto_folder.error().message.find("folder"), std::string::npos);
}

// Runs in a process of its own, since the limit on the size of files cannot be raised again.
[[noreturn]] void write_with_little_room(const fs::path& directory) {
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{1024, 1024};
  ::setrlimit(RLIMIT_FSIZE, &limit);
  int code = 0;
  {
    FileSet files(directory);
    const bool small = files.add("small", "fits").has_value();
    const auto large = files.add("large", std::string(10'000, 'x'));
    if (!small || large || large.error().code != ErrorCode::kInternal) code = 1;
  }
  ::_exit(code);
}

TEST_F(FileTest, AFullDiskIsAnErrorThatLeavesNothingBehind) {
  EXPECT_EXIT(write_with_little_room(directory_), testing::ExitedWithCode(0), "");

  EXPECT_EQ(entries(), 0U);
}

}  // namespace
}  // namespace base
