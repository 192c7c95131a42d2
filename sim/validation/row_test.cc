#include "sim/validation/row.h"

#include <gtest/gtest.h>

#include <limits>

namespace sim {
namespace {

Row row(Check check, double expected, double actual, double tolerance) {
  Row r;
  r.group = "queueing";
  r.name = "one";
  r.source = "theory";
  r.expected = expected;
  r.actual = actual;
  r.check = check;
  r.tolerance = tolerance;
  r.note = "how";
  r.command = "gamenight validate";
  return r;
}

TEST(RowTest, ARelativeBoundBelongsToThePass) {
  EXPECT_TRUE(passed(row(Check::kRelative, 4, 4.5, 0.125)));
  EXPECT_FALSE(passed(row(Check::kRelative, 4, 4.6, 0.125)));
  EXPECT_FALSE(passed(row(Check::kRelative, -4, -4.6, 0.125)));
  EXPECT_DOUBLE_EQ(error_of(row(Check::kRelative, -4, -5, 0.125)), -0.25);
}

TEST(RowTest, PrintedDigitsAreEqualWhenTheyRoundToTheSame) {
  EXPECT_TRUE(passed(row(Check::kDigits, 0.35, 0.3549, 2)));
  EXPECT_TRUE(passed(row(Check::kDigits, 0.35, 0.345, 2)));  // a tie may be rounded either way
  EXPECT_FALSE(passed(row(Check::kDigits, 0.35, 0.3552, 2)));
  EXPECT_FALSE(passed(row(Check::kDigits, 440, 441, 0)));
}

TEST(RowTest, BoundsIncludeTheirEnds) {
  Row r = row(Check::kBetween, 1, 4, 0);
  r.upper = 4;
  EXPECT_TRUE(passed(r));
  EXPECT_EQ(error_of(r), 0);
  r.actual = 4.5;
  EXPECT_FALSE(passed(r));
  EXPECT_DOUBLE_EQ(error_of(r), 0.5);
  r.actual = 0.75;
  EXPECT_DOUBLE_EQ(error_of(r), -0.25);
}

TEST(RowTest, AFigureThatIsNoNumberFails) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Check check : {Check::kRelative, Check::kAbsolute, Check::kDigits, Check::kBetween}) {
    EXPECT_FALSE(passed(row(check, 1, nan, 1)));
  }
}

TEST(RowTest, OnlyJudgedRowsPassOrFail) {
  EXPECT_EQ(verdict(row(Check::kAbsolute, 1, 1.5, 0.5)), "pass");
  EXPECT_EQ(verdict(row(Check::kAbsolute, 1, 1.6, 0.5)), "FAIL");
  EXPECT_EQ(verdict(row(Check::kInformation, 1, 9, 0)), "info");
  EXPECT_EQ(verdict(row(Check::kLeftOut, 0, 0, 0)), "left out");
}

TEST(ValidationTextTest, PrintsARowWithItsErrorAndTheTally) {
  Row measured = row(Check::kRelative, 4, 4.02, 0.01);
  measured.standard_error = 0.008;
  EXPECT_EQ(validation_text({measured, row(Check::kLeftOut, 0, 0, 0)}),
            "queueing\n"
            "row  figure  ours             error    bound  verdict   source\n"
            "one  4       4.0200 ± 0.20 %  +0.50 %  1.0 %  pass      theory\n"
            "one                                           left out  theory\n"
            "    how\n"
            "\n"
            "1 of 1 judged rows pass, 1 left out, 0 for information\n");
}

TEST(ValidationMarkdownTest, EscapesWhatWouldEndACell) {
  Row piped = row(Check::kDigits, 0.35, 0.3499, 2);
  piped.name = "|sin|";
  const std::string page = validation_markdown({piped});
  EXPECT_NE(page.find("\n## queueing\n"), std::string::npos);
  EXPECT_NE(page.find("| \\|sin\\| | 0.35 | 0.35 | -0.03 % | printed digits | pass | theory | how | gamenight validate "
                      "|\n"),
            std::string::npos)
      << page;
}

TEST(ValidationTextTest, NothingToShowIsATally) {
  EXPECT_EQ(validation_text({}), "\n0 of 0 judged rows pass, 0 left out, 0 for information\n");
}

}  // namespace
}  // namespace sim
