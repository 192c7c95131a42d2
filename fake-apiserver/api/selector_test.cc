#include "fake-apiserver/api/selector.h"

#include <gtest/gtest.h>

#include "common/base/random.h"

namespace fakeapi {
namespace {

bool selects(const std::string& selector, const Json& labels) {
  const auto parsed = LabelSelector::parse(selector);
  EXPECT_TRUE(parsed) << selector;
  return parsed && parsed->matches_labels(labels);
}

TEST(LabelSelectorTest, UnderstandsEveryOperator) {
  const Json labels = {{"app", "web"}, {"tier", "front"}, {"cores", "8"}};

  EXPECT_TRUE(selects("", labels));
  EXPECT_TRUE(selects("app=web", labels));
  EXPECT_TRUE(selects("app==web", labels));
  EXPECT_FALSE(selects("app=api", labels));
  EXPECT_TRUE(selects("app!=api", labels));
  EXPECT_TRUE(selects("absent!=x", labels));
  EXPECT_TRUE(selects("app in (api, web)", labels));
  EXPECT_FALSE(selects("absent in (a)", labels));
  EXPECT_TRUE(selects("tier notin (back,db),absent notin (x)", labels));
  EXPECT_FALSE(selects("tier notin (front)", labels));
  EXPECT_TRUE(selects("app", labels));
  EXPECT_FALSE(selects("absent", labels));
  EXPECT_TRUE(selects("!absent", labels));
  EXPECT_FALSE(selects("!app", labels));
  EXPECT_TRUE(selects("cores>7,cores<9", labels));
  EXPECT_FALSE(selects("cores>8", labels));
  EXPECT_FALSE(selects("app>1", labels));
  EXPECT_TRUE(selects(" app = web , tier in ( front ) ", labels));
  EXPECT_TRUE(selects("app=web,tier!=back,cores in (8,16),!absent,app", labels));
}

TEST(LabelSelectorTest, AnEmptyValueIsAValue) {
  EXPECT_TRUE(selects("a=", {{"a", ""}}));
  EXPECT_FALSE(selects("a=", {{"a", "x"}}));
  EXPECT_TRUE(selects("a in (,x)", {{"a", ""}}));
}

TEST(LabelSelectorTest, RejectsWhatDoesNotParse) {
  for (const char* bad : {",", "a,", "=b", "a=b=c", "a in", "a in (", "a in (x", "a in x", "!", "a b", "a>x", "a<",
                          "a=b/c", "a$=b", "()", "a in (x))", "!a=b"}) {
    const auto parsed = LabelSelector::parse(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, 400) << bad;
  }
  EXPECT_FALSE(LabelSelector::parse("a=" + std::string(64, 'x')));
}

TEST(LabelSelectorTest, NoInputBreaksTheParser) {
  constexpr std::string_view kCharacters = "ab/.-_ ,=!()<>in\tot9\"\n";
  base::Random random(3);
  int accepted = 0;
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (std::uint64_t n = random.below(20); n > 0; --n) text += kCharacters[random.below(kCharacters.size())];
    const auto parsed = LabelSelector::parse(text);
    ++(parsed ? accepted : refused);
    if (parsed) (void)parsed->matches_labels({{"a", "b"}, {"in", "9"}});
    const auto fields = FieldSelector::parse(text, {"", "pods"});
    EXPECT_TRUE(fields || !fields.error().message.empty()) << text;
  }
  EXPECT_GT(accepted, 100);
  EXPECT_GT(refused, 100);
}

TEST(FieldSelectorTest, SelectsByTheFieldsOfTheResource) {
  const Json pod = {{"metadata", {{"name", "p"}, {"namespace", "default"}}},
                    {"spec", {{"nodeName", "n1"}}},
                    {"status", {{"phase", "Running"}}}};
  const Resource pods{"", "pods"};
  const auto selects_pod = [&](const char* text) { return FieldSelector::parse(text, pods)->matches(pod); };

  EXPECT_TRUE(selects_pod(""));
  EXPECT_TRUE(selects_pod("metadata.name=p,metadata.namespace==default"));
  EXPECT_TRUE(selects_pod("spec.nodeName=n1,status.phase!=Failed,status.phase!=Succeeded"));
  EXPECT_FALSE(selects_pod("spec.nodeName=n2"));
  EXPECT_TRUE(selects_pod("status.podIP="));
}

TEST(FieldSelectorTest, AMissingFieldCountsAsItsZero) {
  const auto cordoned = FieldSelector::parse("spec.unschedulable=true", {"", "nodes"});
  EXPECT_FALSE(cordoned->matches({{"spec", Json::object()}}));
  EXPECT_TRUE(cordoned->matches({{"spec", {{"unschedulable", true}}}}));
  EXPECT_TRUE(FieldSelector::parse("status.replicas=0", {"apps", "replicasets"})->matches(Json::object()));
  EXPECT_TRUE(
      FieldSelector::parse("status.replicas=3", {"apps", "replicasets"})->matches({{"status", {{"replicas", 3}}}}));
}

TEST(FieldSelectorTest, RejectsFieldsThatTheResourceDoesNotOffer) {
  const auto parsed = FieldSelector::parse("spec.foo=1", {"", "pods"});
  EXPECT_EQ(parsed.error().code, 400);
  EXPECT_EQ(parsed.error().message, "field label not supported: spec.foo");
  EXPECT_FALSE(FieldSelector::parse("status.phase=Running", {"apps", "deployments"}));
  EXPECT_FALSE(FieldSelector::parse("metadata.name", {"", "pods"}));
  EXPECT_TRUE(FieldSelector::parse("metadata.name=x", {"gamenight", "scalingpolicies"}));
}

TEST(SelectorTextTest, WritesASelectorObjectAsText) {
  const Json selector = {{"matchLabels", {{"b", "2"}, {"a", "1"}}},
                         {"matchExpressions", Json::array({{{"key", "t"}, {"operator", "In"}, {"values", {"y", "x"}}},
                                                           {{"key", "u"}, {"operator", "DoesNotExist"}}})}};
  EXPECT_EQ(selector_text(selector), "a=1,b=2,t in (x,y),!u");
  EXPECT_TRUE(LabelSelector::parse(selector_text(selector)));
  EXPECT_EQ(selector_text(Json::object()), "");
}

}  // namespace
}  // namespace fakeapi
