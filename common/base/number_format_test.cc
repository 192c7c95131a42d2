#include "common/base/number_format.h"

#include <gtest/gtest.h>

#include <cfloat>
#include <cstdint>
#include <limits>

namespace base {
namespace {

TEST(NumberFormatTest, WritesTheShortestTextThatReadsBack) {
  EXPECT_EQ(format_number(0.1), "0.1");
  EXPECT_EQ(format_number(1.0 / 3.0), "0.3333333333333333");
  EXPECT_EQ(format_number(1500.0), "1500");
  EXPECT_EQ(format_number(-2.5), "-2.5");
  EXPECT_EQ(format_number(-0.0), "0");
  for (const double x : {DBL_MIN, DBL_MAX, 5e-324, 1e21, 123456789.123456789, 2.0 / 7.0}) {
    EXPECT_EQ(parse_double(format_number(x)), x);
  }
}

TEST(NumberFormatTest, WritesWholeNumbers) {
  EXPECT_EQ(format_number(std::int64_t{0}), "0");
  EXPECT_EQ(format_number(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(format_number(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
}

TEST(NumberFormatTest, WritesAFixedNumberOfDecimals) {
  EXPECT_EQ(format_fixed(1.0, 2), "1.00");
  EXPECT_EQ(format_fixed(1234567.891, 1), "1234567.9");
  EXPECT_EQ(format_fixed(99.999, 2), "100.00");
  EXPECT_EQ(format_fixed(-1.25, 0), "-1");
  EXPECT_EQ(format_fixed(1e300, 1).size(), 303U);
}

TEST(NumberFormatTest, RoundsTiesToTheEvenDigit) {
  EXPECT_EQ(format_fixed(0.5, 0), "0");
  EXPECT_EQ(format_fixed(1.5, 0), "2");
  EXPECT_EQ(format_fixed(2.5, 0), "2");
  EXPECT_EQ(format_fixed(0.125, 2), "0.12");
  // 1.005 is a little less than it looks.
  EXPECT_EQ(format_fixed(1.005, 2), "1.00");
}

TEST(NumberFormatTest, NothingHasNoSign) {
  EXPECT_EQ(format_fixed(-0.0, 1), "0.0");
  EXPECT_EQ(format_fixed(-0.001, 2), "0.00");
  EXPECT_EQ(format_fixed(-0.4, 0), "0");
  EXPECT_EQ(format_fixed(-0.006, 2), "-0.01");
}

TEST(NumberFormatTest, GroupsThousands) {
  EXPECT_EQ(format_grouped(0), "0");
  EXPECT_EQ(format_grouped(999), "999");
  EXPECT_EQ(format_grouped(1'000), "1,000");
  EXPECT_EQ(format_grouped(61'023'551), "61,023,551");
  EXPECT_EQ(format_grouped(100'000), "100,000");
}

TEST(NumberFormatTest, ReadsOnlyAWholeNumberText) {
  EXPECT_EQ(parse_double("1.5"), 1.5);
  EXPECT_EQ(parse_double("-1e3"), -1000.0);
  EXPECT_EQ(parse_int64("-42"), -42);
  EXPECT_EQ(parse_int64("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  for (const char* text : {"", " 1", "1 ", "+1", "1x", "0x10", "inf", "nan", "-", "1,5", "1e999"}) {
    EXPECT_EQ(parse_double(text), std::nullopt) << text;
  }
  for (const char* text : {"", " 1", "+1", "1.0", "1e3", "9223372036854775808", "0x10", "-"}) {
    EXPECT_EQ(parse_int64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace base
