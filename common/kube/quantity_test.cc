#include "common/kube/quantity.h"

#include <gtest/gtest.h>

#include <limits>

namespace kube {
namespace {

std::int64_t milli(const char* text) {
  const auto q = Quantity::parse(text);
  return q ? q->milli() : -424242;
}

TEST(QuantityTest, ReadsDecimalAndBinarySuffixes) {
  EXPECT_EQ(milli("500m"), 500);
  EXPECT_EQ(milli("2"), 2000);
  EXPECT_EQ(milli("1.5"), 1500);
  EXPECT_EQ(milli(".5"), 500);
  EXPECT_EQ(milli("2k"), 2'000'000);
  EXPECT_EQ(milli("1e3"), 1'000'000);
  EXPECT_EQ(milli("1E-1"), 100);
  EXPECT_EQ(Quantity::parse("64Gi")->value(), 64LL * 1024 * 1024 * 1024);
  EXPECT_EQ(Quantity::parse("1.5Ki")->value(), 1536);
  EXPECT_EQ(milli("-3"), -3000);
}

TEST(QuantityTest, RoundsUpToTheNextThousandth) {
  EXPECT_EQ(milli("8912345n"), 9);
  EXPECT_EQ(milli("1u"), 1);
  EXPECT_EQ(milli("0.0001"), 1);
  EXPECT_EQ(Quantity::parse("0.5")->value(), 1);
}

TEST(QuantityTest, SaturatesInsteadOfOverflowing) {
  EXPECT_EQ(milli("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(Quantity::parse("99999E")->value(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(Quantity::parse("9223372036854775807")->value(), std::numeric_limits<std::int64_t>::max());
}

TEST(QuantityTest, RefusesWhatIsNoQuantity) {
  for (const char* text : {"", "m", ".", "1.2.3", "5x", "1 Gi", "0x10", "1e", "1e99", "--1"}) {
    EXPECT_FALSE(Quantity::parse(text).has_value()) << text;
  }
}

TEST(QuantityTest, WritesTheCanonicalDecimalForm) {
  EXPECT_EQ(format_milli(1500), "1500m");
  EXPECT_EQ(format_milli(2000), "2");
  EXPECT_EQ(format_milli(0), "0");
}

}  // namespace
}  // namespace kube
