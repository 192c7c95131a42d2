#include "scaler/informer/pod_index.h"

#include <gtest/gtest.h>

#include "scaler/informer/selector_cache.h"

namespace scaler {
namespace {

using Labels = std::map<std::string, std::string>;

std::shared_ptr<const PodObject> pod(const std::string& ns, const std::string& name, Labels labels,
                                     const std::string& version = "1") {
  auto made = std::make_shared<PodObject>();
  made->meta.key = ObjectKey{ns, name};
  made->meta.uid = ns + name;
  made->meta.resource_version = version;
  made->labels = std::move(labels);
  made->observation.name = name;
  return made;
}

struct PodIndexTest : ::testing::Test {
  std::vector<std::string> names(const std::string& ns, const std::string& selector) const {
    std::vector<std::string> found;
    for (const PodObservation& seen : select_pods(index, ns, LabelSelector::parse(selector).value())) {
      found.push_back(seen.name);
    }
    return found;
  }

  ObjectCache<PodObject> cache;
  PodIndex index{cache};
};

using Names = std::vector<std::string>;

TEST_F(PodIndexTest, SelectsByLabelWithinTheNamespaceInOrderOfName) {
  cache.put(pod("default", "b", {{"app", "web"}}));
  cache.put(pod("default", "a", {{"app", "web"}, {"tier", "front"}}));
  cache.put(pod("default", "c", {{"app", "db"}}));
  cache.put(pod("other", "d", {{"app", "web"}}));

  EXPECT_EQ(names("default", "app=web"), (Names{"a", "b"}));
  EXPECT_EQ(names("default", "app=web,tier=front"), Names{"a"});
  EXPECT_EQ(names("default", "app=web,tier notin (front)"), Names{"b"});
  EXPECT_EQ(names("default", "app in (web)"), (Names{"a", "b"}));
  EXPECT_EQ(names("default", "app in (web,db)"), (Names{"a", "b", "c"}));
  EXPECT_EQ(names("default", "!tier"), (Names{"b", "c"}));
  EXPECT_EQ(names("default", "app=web,tier=back"), Names{});
  EXPECT_EQ(names("nowhere", "app=web"), Names{});
}

TEST_F(PodIndexTest, FollowsChangedLabelsAndDeletions) {
  cache.put(pod("default", "a", {{"app", "web"}}));
  cache.put(pod("default", "a", {{"app", "db"}}, "2"));
  EXPECT_EQ(names("default", "app=web"), Names{});
  EXPECT_EQ(names("default", "app=db"), Names{"a"});

  cache.remove(ObjectKey{"default", "a"});
  EXPECT_EQ(names("default", "app=db"), Names{});
}

TEST_F(PodIndexTest, ShowsThePodAsItWasHeardLast) {
  cache.put(pod("default", "a", {{"app", "web"}}));
  auto deleting = std::make_shared<PodObject>(*pod("default", "a", {{"app", "web"}}, "2"));
  deleting->observation.deleting = true;
  cache.put(deleting);

  const auto seen = select_pods(index, "default", LabelSelector::parse("app=web").value());
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_TRUE(seen[0].deleting);
}

TEST_F(PodIndexTest, FollowsListsThatReplaceEverything) {
  cache.put(pod("default", "a", {{"app", "web"}}));
  cache.replace({pod("default", "b", {{"app", "web"}})});
  EXPECT_EQ(names("default", "app=web"), Names{"b"});
}

TEST_F(PodIndexTest, TakesInWhatTheCacheHeldBefore) {
  cache.put(pod("default", "a", {{"app", "web"}}));
  const PodIndex late(cache);
  EXPECT_EQ(select_pods(late, "default", LabelSelector::parse("app=web").value()).size(), 1u);
}

TEST(SelectorCacheTest, ParsesATextOnceAndForgetsWhenFull) {
  SelectorCache selectors(2);
  const auto first = selectors.parse("app=web");
  EXPECT_EQ(selectors.parse("app=web"), first);
  EXPECT_EQ(selectors.parse("app in web"), nullptr);
  EXPECT_EQ(selectors.size(), 2u);
  selectors.parse("app=db");
  EXPECT_EQ(selectors.size(), 1u);
  EXPECT_TRUE(first->matches({{"app", "web"}}));
}

}  // namespace
}  // namespace scaler
