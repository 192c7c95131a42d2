#include "fake-apiserver/daemon/output_file.h"

#include "fake-apiserver/daemon/folder_test_fixture.h"

namespace fakeapi {
namespace {

namespace fs = std::filesystem;

using OutputFileTest = FolderTest;

TEST_F(OutputFileTest, MakesTheFoldersAndIsForItsOwnerAlone) {
  ASSERT_TRUE(write_output(file("a/b/c"), "text"));
  EXPECT_EQ(base::read_file(file("a/b/c")).value(), "text");
  EXPECT_EQ(fs::status(file("a/b/c")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(OutputFileTest, ALinkStaysOne) {
  ASSERT_TRUE(write_output(file("target"), "old"));
  fs::create_symlink("target", file("link"));
  ASSERT_TRUE(write_output(file("link"), "new"));
  EXPECT_TRUE(fs::is_symlink(file("link")));
  EXPECT_EQ(base::read_file(file("target")).value(), "new");
}

TEST_F(OutputFileTest, ADeviceStaysOne) {
  fs::create_symlink("/dev/full", file("full"));
  const auto written = write_output(file("full"), "text");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, base::ErrorCode::kInternal);
  EXPECT_NE(written.error().message.find("No space left"), std::string::npos) << written.error().message;
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
  EXPECT_TRUE(fs::is_symlink(file("full")));
}

TEST_F(OutputFileTest, APlaceIsFoundOutWithoutLeavingAnything) {
  EXPECT_TRUE(check_output(file("new"), "--snapshot"));
  EXPECT_TRUE(fs::is_empty(folder_));
  EXPECT_TRUE(check_output("/dev/null", "--snapshot"));
  ASSERT_TRUE(write_output(file("here"), "text"));
  EXPECT_TRUE(check_output(file("here"), "--snapshot"));
  EXPECT_EQ(base::read_file(file("here")).value(), "text");

  for (const std::string& wrong : {file("here/below"), folder_.string(), folder_.string() + "/"}) {
    const auto place = check_output(wrong, "--snapshot");
    ASSERT_FALSE(place) << wrong;
    EXPECT_EQ(place.error().message.substr(0, 12), "--snapshot: ");
  }
}

}  // namespace
}  // namespace fakeapi
