// A test with a folder of its own, which goes when it ends.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "common/base/file.h"

namespace fakeapi {

class FolderTest : public testing::Test {
 protected:
  FolderTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "fake-apiserver-test.XXXXXX").string();
    const char* made = ::mkdtemp(pattern.data());
    if (made) folder_ = made;
  }
  ~FolderTest() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }
  void SetUp() override { ASSERT_FALSE(folder_.empty()); }

  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  // The path.
  std::string write(const std::string& name, const std::string& text) const {
    base::FileSet files(folder_);
    EXPECT_TRUE(files.add(name, text));
    EXPECT_TRUE(files.commit());
    return file(name);
  }

  std::filesystem::path folder_;
};

}  // namespace fakeapi
