#include "fake-apiserver/controllers/tolerations.h"

#include <gtest/gtest.h>

namespace fakeapi {
namespace {

const Taint kDedicated{"dedicated", "games", "NoSchedule"};

TEST(TolerationsTest, EqualNeedsKeyAndValue) {
  EXPECT_TRUE(tolerates({{"key", "dedicated"}, {"operator", "Equal"}, {"value", "games"}}, kDedicated));
  EXPECT_TRUE(tolerates({{"key", "dedicated"}, {"value", "games"}}, kDedicated)) << "Equal is the default";
  EXPECT_FALSE(tolerates({{"key", "dedicated"}, {"value", "news"}}, kDedicated));
  EXPECT_FALSE(tolerates({{"key", "other"}, {"value", "games"}}, kDedicated));
}

TEST(TolerationsTest, ExistsNeedsTheKeyAlone) {
  EXPECT_TRUE(tolerates({{"key", "dedicated"}, {"operator", "Exists"}}, kDedicated));
  EXPECT_FALSE(tolerates({{"key", "other"}, {"operator", "Exists"}}, kDedicated));
}

TEST(TolerationsTest, WithoutAKeyExistsFitsEveryTaint) {
  EXPECT_TRUE(tolerates({{"operator", "Exists"}}, kDedicated));
  EXPECT_FALSE(tolerates({{"operator", "Equal"}}, kDedicated));
}

TEST(TolerationsTest, AnEffectThatIsNamedMustBeTheTaints) {
  EXPECT_TRUE(tolerates({{"operator", "Exists"}, {"effect", "NoSchedule"}}, kDedicated));
  EXPECT_FALSE(tolerates({{"operator", "Exists"}, {"effect", "NoExecute"}}, kDedicated));
}

TEST(TolerationsTest, OfAListOneSuffices) {
  const Json none = Json::array({{{"key", "other"}, {"operator", "Exists"}}});
  EXPECT_FALSE(any_tolerates(&none, kDedicated));
  const Json one = Json::array({none.at(0), {{"key", "dedicated"}, {"operator", "Exists"}}});
  EXPECT_TRUE(any_tolerates(&one, kDedicated));
  EXPECT_FALSE(any_tolerates(nullptr, kDedicated));
  const Json odd = "Exists";
  EXPECT_FALSE(any_tolerates(&odd, kDedicated));
}

}  // namespace
}  // namespace fakeapi
