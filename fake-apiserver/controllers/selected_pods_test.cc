#include "fake-apiserver/controllers/selected_pods.h"

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

class SelectedPodsTest : public ClusterTest {
 protected:
  void SetUp() override {
    cache_.listen([this](const Pod* before, const Pod* after) {
      selected_.on_pod(before, after, [this](const ObjectName& name) { concerned_.push_back(name.name); });
    });
  }
  void create_pod(const std::string& name, const std::string& app, const std::string& ns = "default") {
    create(resources::kPods, {{"metadata", {{"name", name}, {"namespace", ns}, {"labels", {{"app", app}}}}}});
  }
  void watch(const std::string& app) {
    selected_.watch({"default", app}, [app](const Pod& pod) { return text_at(*pod.labels, {"app"}) == app; });
  }
  std::vector<std::string> chosen(const std::string& app) const {
    std::vector<std::string> names;
    for (const auto& [name, pod] : selected_.of({"default", app})) {
      EXPECT_EQ(pod, cache_.find(name));
      names.push_back(name.name);
    }
    return names;
  }
  using Names = std::vector<std::string>;

  PodCache cache_{store_};
  SelectedPods selected_{cache_};
  Names concerned_;
};

TEST_F(SelectedPodsTest, ThoseThatWereThereAndThoseThatComeAreChosenByName) {
  create_pod("c", "web");
  create_pod("b", "db");
  create_pod("a", "web", "elsewhere");
  watch("web");
  create_pod("a", "web");
  EXPECT_EQ(chosen("web"), (Names{"a", "c"}));
  EXPECT_EQ(concerned_, Names{"web"});
  EXPECT_TRUE(chosen("db").empty());
}

TEST_F(SelectedPodsTest, APodThatLeavesOrGoesConcernsThoseThatChoseIt) {
  watch("web");
  watch("db");
  create_pod("a", "web");
  concerned_.clear();
  change(resources::kPods, {"default", "a"}, [](Json& pod) { pod["metadata"]["labels"]["app"] = "db"; });
  EXPECT_EQ(concerned_, (Names{"db", "web"}));
  EXPECT_TRUE(chosen("web").empty());
  EXPECT_EQ(chosen("db"), Names{"a"});
  concerned_.clear();
  ASSERT_TRUE(store_.remove(resources::kPods, {"default", "a"}, {}));
  EXPECT_EQ(concerned_, Names{"db"});
  EXPECT_TRUE(chosen("db").empty());
}

TEST_F(SelectedPodsTest, AnotherSelectorTakesThePlaceOfTheFirst) {
  create_pod("a", "web");
  create_pod("b", "db");
  watch("web");
  selected_.watch({"default", "web"}, [](const Pod& pod) { return pod.name.name == "b"; });
  EXPECT_EQ(chosen("web"), Names{"b"});
  EXPECT_TRUE(selected_.forget({"default", "web"}));
  EXPECT_FALSE(selected_.forget({"default", "web"}));
  EXPECT_TRUE(chosen("web").empty());
  EXPECT_TRUE(selected_.empty());
}

}  // namespace
}  // namespace fakeapi
