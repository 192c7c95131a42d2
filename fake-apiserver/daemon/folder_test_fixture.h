// A test with a folder of its own, which goes when it ends.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "common/base/file.h"
#include "common/base/temporary_folder.h"

namespace fakeapi {

class FolderTest : public testing::Test {
 protected:
  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  // The path.
  std::string write(const std::string& name, const std::string& text) const {
    base::FileSet files(folder_);
    EXPECT_TRUE(files.add(name, text));
    EXPECT_TRUE(files.commit());
    return file(name);
  }

  const base::TemporaryFolder own_{"fake-apiserver-test"};
  const std::filesystem::path folder_ = own_.path();
};

}  // namespace fakeapi
