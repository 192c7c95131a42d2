#include "sim/cli/header_comment.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

TEST(HeaderCommentTest, IsOneLine) {
  EXPECT_EQ(header_comment("# One\n# two. Three\nkind: X\n# not this"), "One two. Three");
  EXPECT_EQ(first_sentence("# One\n# two. Three\n"), "One two.");
  EXPECT_EQ(first_sentence("# One"), "One");
  EXPECT_EQ(header_comment("kind: X"), "");
  EXPECT_EQ(header_comment(""), "");
}

TEST(HeaderCommentTest, APresetNamesItsSourceFirst) {
  const PresetComment preset = preset_comment("# Source: a paper, page 3.\n# It does\n# this.\nkind: X\n");
  EXPECT_EQ(preset.source, "a paper, page 3.");
  EXPECT_EQ(preset.about, "It does this.");
  EXPECT_EQ(preset_comment("# Source: a paper.").about, "");
  EXPECT_EQ(preset_comment("# It does this.\n# Source: a paper.\n").source, "");
}

}  // namespace
}  // namespace sim
