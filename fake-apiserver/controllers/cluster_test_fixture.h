// A cluster on virtual time with nothing but a store around it, for the tests of the controllers.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/metrics.h"
#include "common/base/time_format.h"
#include "common/base/virtual_time.h"
#include "fake-apiserver/controllers/cluster.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {

using namespace std::chrono_literals;

inline const base::Time kClusterStart = std::chrono::sys_days(std::chrono::year(2026) / 9 / 26) + 9h;

struct DeploymentOptions {
  int replicas = 1;
  const char* cpu = "100m";
  const char* memory = "64Mi";
  const char* image = "app:1";
  Json strategy = nullptr;
  Json spec_extra = Json::object();      // merged into the spec
  Json pod_spec_extra = Json::object();  // merged into the template's spec
};

inline Json deployment_object(const std::string& name, const DeploymentOptions& options = {}) {
  Json pod_spec{{"containers",
                 Json::array({{{"name", "app"},
                               {"image", options.image},
                               {"resources", {{"requests", {{"cpu", options.cpu}, {"memory", options.memory}}}}}}})}};
  pod_spec.update(options.pod_spec_extra);
  Json object{{"apiVersion", "apps/v1"},
              {"kind", "Deployment"},
              {"metadata", {{"name", name}, {"namespace", "default"}}},
              {"spec",
               {{"replicas", options.replicas},
                {"selector", {{"matchLabels", {{"app", name}}}}},
                {"template", {{"metadata", {{"labels", {{"app", name}}}}}, {"spec", std::move(pod_spec)}}}}}};
  if (!options.strategy.is_null()) object["spec"]["strategy"] = options.strategy;
  object["spec"].update(options.spec_extra);
  return object;
}

class ClusterTest : public testing::Test {
 protected:
  // One big node and pods that are Ready at once, unless a test says otherwise.
  static ClusterOptions simple_options() {
    ClusterOptions options;
    NodePoolOptions pool;
    pool.name = "n";
    pool.nodes = 1;
    pool.max_nodes = 1;
    pool.cpu = "64";
    pool.memory = "256Gi";
    options.node_pools = {pool};
    return options;
  }

  void start(ClusterOptions options, PodSampler* sampler = nullptr, std::uint64_t seed = 1) {
    cluster_ = std::make_unique<Cluster>(std::move(options), store_, clock_, base::Random(seed), sampler, metrics_);
  }

  ObjectPtr create(const Resource& resource, Json object) { return store_.create(resource, std::move(object)).value(); }
  void create_deployment(const std::string& name, const DeploymentOptions& options = {}) {
    create(resources::kDeployments, deployment_object(name, options));
  }
  void change(const Resource& resource, const ObjectName& name, const std::function<void(Json&)>& how,
              Part part = Part::kSpec) {
    const auto changed = store_.update(resource, name, part, [&](Json& object) -> base::Result<> {
      how(object);
      return {};
    });
    ASSERT_TRUE(changed) << changed.error().message;
  }
  void scale(const std::string& deployment, int replicas) {
    change(resources::kDeployments, {"default", deployment},
           [&](Json& object) { object["spec"]["replicas"] = replicas; });
  }
  void set_image(const std::string& deployment, const std::string& image) {
    change(resources::kDeployments, {"default", deployment},
           [&](Json& object) { object["spec"]["template"]["spec"]["containers"][0]["image"] = image; });
  }

  Json deployment(const std::string& name) const {
    return *store_.get(resources::kDeployments, {"default", name}).value();
  }
  std::vector<ObjectPtr> pods() const { return store_.list(resources::kPods); }
  std::vector<ObjectPtr> replica_sets() const { return store_.list(resources::kReplicaSets); }
  std::vector<ObjectPtr> nodes() const { return store_.list(resources::kNodes); }

  std::size_t count_pods(const std::function<bool(const Json&)>& which) const {
    const auto all = pods();
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [&](const ObjectPtr& pod) { return which(*pod); }));
  }
  std::size_t ready_pods() const { return count_pods(is_ready); }
  static bool is_ready(const Json& object) {
    const Json* ready = find_condition(object, "Ready");
    return ready && text_at(*ready, {"status"}) == "True" && !is_being_deleted(object);
  }
  static bool is_bound(const Json& pod) { return field_at(pod, {"spec", "nodeName"}) != nullptr; }

  // "Reason: message" of all events about the named object, or about all, in the order of their creation.
  std::vector<std::string> events(const std::string& involved = "") const {
    std::vector<std::pair<std::string, std::string>> found;
    for (const ObjectPtr& event : store_.list(resources::kEvents)) {
      if (!involved.empty() && text_at(*event, {"involvedObject", "name"}) != involved) continue;
      const std::string name = name_of(*event).name;
      found.emplace_back(name.substr(name.rfind('.')),
                         text_at(*event, {"reason"}) + ": " + text_at(*event, {"message"}));
    }
    std::sort(found.begin(), found.end());
    std::vector<std::string> texts;
    for (auto& [stamp, text] : found) texts.push_back(std::move(text));
    return texts;
  }

  static std::string condition_text(const Json& object, const char* type) {
    const Json* condition = find_condition(object, type);
    return condition ? text_at(*condition, {"status"}) + " " + text_at(*condition, {"reason"}) : "none";
  }

  base::VirtualTime clock_{kClusterStart};
  ObjectStore store_{clock_, base::Random(7), StoreOptions{}};
  base::Metrics metrics_;
  std::unique_ptr<Cluster> cluster_;
};

}  // namespace fakeapi
