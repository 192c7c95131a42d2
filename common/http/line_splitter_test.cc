#include "common/http/line_splitter.h"

#include <gtest/gtest.h>

#include <vector>

namespace http {
namespace {

std::vector<std::string> lines_of(const std::vector<std::string>& pieces) {
  LineSplitter splitter;
  std::vector<std::string> lines;
  for (const std::string& piece : pieces) {
    splitter.append(piece);
    while (auto line = splitter.next()) lines.push_back(*line);
  }
  if (auto rest = splitter.rest()) lines.push_back(*rest);
  return lines;
}

using Lines = std::vector<std::string>;

TEST(LineSplitterTest, CutsAtEveryEndOfLine) {
  EXPECT_EQ(lines_of({"a\nbc\n\nd\n"}), (Lines{"a", "bc", "", "d"}));
  EXPECT_EQ(lines_of({"a\r\n\r\nb\rc\n"}), (Lines{"a", "", "b\rc"}));
}

TEST(LineSplitterTest, GivesTheSameLinesHoweverThePiecesFall) {
  const std::string text = "first\nsecond line\r\n\nlast";
  for (std::size_t a = 0; a <= text.size(); ++a) {
    for (std::size_t b = a; b <= text.size(); ++b) {
      EXPECT_EQ(lines_of({text.substr(0, a), text.substr(a, b - a), text.substr(b)}),
                (Lines{"first", "second line", "", "last"}));
    }
  }
}

TEST(LineSplitterTest, HasNoRestBehindTheLastEndOfLine) {
  EXPECT_EQ(lines_of({"a\n"}), Lines{"a"});
  EXPECT_EQ(lines_of({}), Lines{});
}

TEST(LineSplitterTest, TellsHowMuchWaits) {
  LineSplitter splitter;
  splitter.append("ab\ncde");
  EXPECT_EQ(splitter.size(), 6U);
  EXPECT_EQ(splitter.next(), "ab");
  EXPECT_EQ(splitter.next(), std::nullopt);
  EXPECT_EQ(splitter.size(), 3U);
}

}  // namespace
}  // namespace http
