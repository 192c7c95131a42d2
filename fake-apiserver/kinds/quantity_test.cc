#include "fake-apiserver/kinds/quantity.h"

#include <gtest/gtest.h>

namespace fakeapi {
namespace {

struct Canonical {
  const char* text;
  const char* canonical;  // null: no quantity
};

TEST(QuantityTest, IsWrittenInItsShortestForm) {
  for (const Canonical& c :
       {Canonical{"1000m", "1"}, Canonical{"0.5", "500m"}, Canonical{"1024Mi", "1Gi"}, Canonical{"1.5Gi", "1536Mi"},
        Canonical{"2000", "2k"}, Canonical{"1e3", "1e3"}, Canonical{"0", "0"}, Canonical{"-500m", "-500m"},
        Canonical{"0.1Ki", "102400m"}, Canonical{"100Ki", "100Ki"}, Canonical{"1", "1"},
        Canonical{"1.0000000001", "1000000001n"}, Canonical{"+3", "3"}, Canonical{"12E", "12E"}}) {
    const auto quantity = parse_quantity(c.text);
    ASSERT_TRUE(quantity) << c.text;
    EXPECT_EQ(canonical_quantity(*quantity), c.canonical) << c.text;
  }
}

TEST(QuantityTest, OtherTextsAreNone) {
  for (const char* text : {"", "x", "1x", "1.2.3", ".", "--1", "1e", "1 ", "Ki", "1ki", "0x10", "1e1000"}) {
    EXPECT_FALSE(parse_quantity(text)) << text;
  }
}

TEST(QuantityTest, ComparesAcrossForms) {
  EXPECT_EQ(parse_quantity("1Ki")->nano, parse_quantity("1024")->nano);
  EXPECT_LT(parse_quantity("999m")->nano, parse_quantity("1")->nano);
  EXPECT_GT(parse_quantity("1Gi")->nano, parse_quantity("1G")->nano);
}

}  // namespace
}  // namespace fakeapi
