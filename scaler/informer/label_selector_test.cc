#include "scaler/informer/label_selector.h"

#include <gtest/gtest.h>

namespace scaler {
namespace {

using Labels = std::map<std::string, std::string>;

const Labels kLabels{{"app", "web"}, {"tier", "front"}};

struct Case {
  const char* name;
  const char* text;
  bool matches;
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
};

class LabelSelectorTest : public ::testing::TestWithParam<Case> {};

TEST_P(LabelSelectorTest, MatchesAsTheApiServerDoes) {
  const auto selector = LabelSelector::parse(GetParam().text);

  ASSERT_TRUE(selector);
  EXPECT_EQ(selector->matches(kLabels), GetParam().matches);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, LabelSelectorTest,
    ::testing::Values(Case{"Empty", "", true}, Case{"Equal", "app=web", true}, Case{"EqualNot", "app=api", false},
                      Case{"DoubleEqual", "app==web", true}, Case{"NotEqual", "app!=web", false},
                      Case{"NotEqualAbsent", "zone!=a", true}, Case{"In", "tier in (back, front)", true},
                      Case{"InNot", "tier in (back)", false}, Case{"NotIn", "tier notin (front,back)", false},
                      Case{"NotInAbsent", "zone notin (a)", true}, Case{"Exists", "app", true},
                      Case{"ExistsNot", "zone", false}, Case{"Absent", "!zone", true}, Case{"AbsentNot", "!app", false},
                      Case{"AllMustHold", "app=web,tier=back", false},
                      Case{"ListAndMore", "tier in (front,back),app=web", true}, Case{"EmptyValue", "app=", false},
                      Case{"Prefixed", "example.com/app!=x", true}),
    [](const auto& chosen) { return chosen.param.name; });

TEST(LabelSelectorTest, RefusesWhatIsNoSelector) {
  for (const char* text : {"=web", "app in web", "app in (a", "app is (a)", ",", "app=web,", "a b", "app=w eb", "!"}) {
    EXPECT_FALSE(LabelSelector::parse(text)) << text;
  }
}

}  // namespace
}  // namespace scaler
