#include "fake-apiserver/controllers/resource_quantity.h"

#include <gtest/gtest.h>

#include <limits>

namespace fakeapi {
namespace {

TEST(ResourceQuantityTest, ReadsEverySuffixExactly) {
  EXPECT_EQ(whole_quantity("1000m", 3), 1000);
  EXPECT_EQ(whole_quantity("1", 3), 1000);
  EXPECT_EQ(whole_quantity("0.07", 3), 70);  // 70.00000000000001 in floating point
  EXPECT_EQ(whole_quantity("1.5Gi", 0), 1610612736);
  EXPECT_EQ(whole_quantity("64Gi", 0), std::int64_t{64} << 30);
  EXPECT_EQ(whole_quantity("50M", 0), 50'000'000);
  EXPECT_EQ(whole_quantity("2e3", 0), 2000);
  EXPECT_EQ(whole_quantity("8912345n", 9), 8912345);
  EXPECT_EQ(whole_quantity(16, 3), 16000);
  EXPECT_EQ(whole_quantity(0.5, 3), 500);
}

TEST(ResourceQuantityTest, RoundsUpAndCapsAtTheLargestNumber) {
  EXPECT_EQ(whole_quantity("100u", 3), 1);
  EXPECT_EQ(whole_quantity("0.0015", 3), 2);
  EXPECT_EQ(whole_quantity("9000E", 3), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(whole_quantity("0", 3), 0);
}

TEST(ResourceQuantityTest, RefusesWhatIsNoQuantity) {
  for (const char* text : {"", "m", "abc", "1 Gi", "-1", "1.2.3", "1Xi", "1e", "1e99", "99999999999999999999", "1  "}) {
    EXPECT_EQ(whole_quantity(text, 3), std::nullopt) << text;
  }
  EXPECT_EQ(whole_quantity(nullptr, 3), std::nullopt);
  EXPECT_EQ(whole_quantity(Json::array({1}), 3), std::nullopt);
  EXPECT_EQ(whole_quantity(true, 3), std::nullopt);
  EXPECT_EQ(whole_quantity(-2, 3), std::nullopt);
}

}  // namespace
}  // namespace fakeapi
