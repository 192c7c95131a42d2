#include <gtest/gtest.h>

#include <algorithm>

#include "fake-apiserver/api/resource_registry.h"
#include "fake-apiserver/custom/custom_definition.h"
#include "fake-apiserver/custom/testing.h"

namespace fakeapi {
namespace {

TEST(ResourceRegistryTest, FindsByGroupVersionAndPlural) {
  const ResourceRegistry registry = ResourceRegistry::builtin();
  ASSERT_TRUE(registry.find("apps", "v1", "deployments"));
  EXPECT_EQ(registry.find("apps", "v1", "deployments"), registry.find(Resource{"apps", "deployments"}));
  EXPECT_EQ(registry.find("autoscaling", "v1", "horizontalpodautoscalers"),
            registry.find("autoscaling", "v2", "horizontalpodautoscalers"));
  EXPECT_EQ(registry.find("apps", "v2", "deployments"), nullptr);
  EXPECT_EQ(registry.find("apps", "", "deployments"), nullptr);
  EXPECT_EQ(registry.find("", "v1", "deployments"), nullptr);
  EXPECT_TRUE(registry.has_group_version("", "v1"));
  EXPECT_FALSE(registry.has_group_version("apps", "v2"));
}

TEST(ResourceRegistryTest, InfosKeepTheirPlaceWhenResourcesComeAndGo) {
  ResourceRegistry registry = ResourceRegistry::builtin();
  const ResourceInfo* pods = registry.find(Resource{"", "pods"});
  const std::uint64_t changes = registry.changes();
  const ResourceInfo* crons = registry.install(info_of_definition(cron_tab_definition()));
  EXPECT_EQ(registry.find("stable.example.com", "v1", "crontabs"), crons);
  EXPECT_TRUE(registry.has_group_version("stable.example.com", "v1"));
  EXPECT_GT(registry.changes(), changes);

  Json changed = cron_tab_definition();
  changed["spec"]["versions"][0]["name"] = "v2";
  EXPECT_EQ(registry.install(info_of_definition(changed)), crons) << "a new edition stands in the same place";
  EXPECT_EQ(registry.find("stable.example.com", "v1", "crontabs"), nullptr);
  EXPECT_EQ(registry.find("stable.example.com", "v2", "crontabs"), crons);

  registry.withdraw(Resource{"stable.example.com", "crontabs"});
  EXPECT_EQ(registry.find(Resource{"stable.example.com", "crontabs"}), nullptr);
  EXPECT_FALSE(registry.has_group_version("stable.example.com", "v2"));
  EXPECT_EQ(crons->kind, "CronTab") << "who still holds it may read it";
  EXPECT_EQ(registry.find(Resource{"", "pods"}), pods);
  EXPECT_EQ(registry.install(info_of_definition(cron_tab_definition())), crons) << "coming again costs no memory";
  EXPECT_EQ(&registry.all().back(), crons);
}

TEST(ResourceRegistryTest, ADefinitionTakesABuiltInRowsPlaceAndGivesItBack) {
  ResourceRegistry registry = ResourceRegistry::builtin();
  const ResourceInfo* row = registry.find(Resource{"keda.sh", "scaledobjects"});
  ASSERT_TRUE(row);
  Json definition = cron_tab_definition();
  definition["metadata"]["name"] = "scaledobjects.keda.sh";
  definition["spec"]["group"] = "keda.sh";
  definition["spec"]["names"] = {{"plural", "scaledobjects"}, {"kind", "ScaledObject"}};
  EXPECT_EQ(registry.install(info_of_definition(definition)), row);
  EXPECT_TRUE(row->definition);
  EXPECT_EQ(registry.find("keda.sh", "v1alpha1", "scaledobjects"), nullptr);
  registry.withdraw(row->resource);
  EXPECT_EQ(registry.find("keda.sh", "v1alpha1", "scaledobjects"), row);
  EXPECT_FALSE(row->definition);
}

TEST(ResourceRegistryTest, VersionsOfADefinedGroupAreOrderedByMaturity) {
  std::vector<std::string> versions{"foo1", "v1alpha1", "v2beta1", "v1", "v10", "v1beta2", "v2", "v1beta1", "foo10"};
  std::sort(versions.begin(), versions.end(), is_preferred_version);
  EXPECT_EQ(versions, (std::vector<std::string>{"v10", "v2", "v1", "v2beta1", "v1beta2", "v1beta1", "v1alpha1", "foo1",
                                                "foo10"}));
}

}  // namespace
}  // namespace fakeapi
