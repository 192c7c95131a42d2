// One node, full of pause pods but for one place, and a Deployment of two pods of a higher priority: every change of
// every object, in order, against what a cluster of Kubernetes 1.20 did (testdata/preemption.txt).
#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

using Changes = std::map<std::string, std::vector<std::string>>;

struct Expected {
  Changes changes;
  std::vector<std::pair<std::string, std::string>> order;
};

Expected read_expectations() {
  std::ifstream file("fake-apiserver/controllers/testdata/preemption.txt");
  Expected expected;
  std::string block;
  for (std::string line; std::getline(file, line);) {
    if (line.empty()) block.clear();
    if (line.empty() || line[0] == '#') continue;
    if (block.empty()) {
      block = line;
    } else if (block == "order") {
      const std::size_t at = line.find(" < ");
      expected.order.emplace_back(line.substr(0, at), line.substr(at + 3));
    } else {
      expected.changes[block].push_back(line);
    }
  }
  return expected;
}

class PreemptionTraceTest : public ClusterTest {
 protected:
  void start_full_node() {
    ClusterOptions options = simple_options();
    options.node_pools[0].cpu = "4";
    options.pod_start.container_delay = Delay::none();
    // The pace of the recorded controllers against each other.
    options.controller_delay = 10ms;
    options.deployment_delay = 2ms;
    options.create_batch_interval = 4ms;
    options.scheduling_delay = 8ms;
    start(options);
    create_deployment("pause", {.replicas = 3, .cpu = "1", .pod_spec_extra = spec_of(-10)});
    clock_.run_for(1min);
    ASSERT_EQ(ready_pods(), 3u);
  }
  static Json spec_of(int priority) {
    Json spec{{"priority", priority}};
    if (priority < 0) spec["terminationGracePeriodSeconds"] = 0;
    return spec;
  }
  void record_all() {
    for (const Resource* resource : {&resources::kDeployments, &resources::kReplicaSets, &resources::kPods}) {
      store_.subscribe(*resource, [this](const StoreEvent& event) { record(event); });
    }
    store_.subscribe(resources::kEvents, [this](const StoreEvent& event) {
      const bool of_kubelet = text_at(*event.object, {"source", "component"}) == "kubelet";
      if (event.type != EventType::kAdded || of_kubelet) return;
      const std::string about = involved(*event.object);
      changes_["events " + about].push_back(text_at(*event.object, {"reason"}));
    });
  }
  std::string involved(const Json& event) {
    const std::string kind = text_at(event, {"involvedObject", "kind"});
    const std::string name = text_at(event, {"involvedObject", "name"});
    if (kind == "Pod") return names_.contains(name) ? names_.at(name) : name;
    return (kind == "Deployment" ? "deployment " : "replicaset ") + name.substr(0, name.find('-'));
  }
  // "pause victim", "hi first": by what becomes of it, in the order of creation.
  std::string name_of_pod(const Json& pod) {
    const std::string name = name_of(pod).name;
    const std::string app = name.substr(0, name.find('-'));
    if (names_.contains(name)) return names_.at(name);
    if (app == "hi") return names_[name] = "hi " + std::string(hi_pods_++ == 0 ? "first" : "second");
    const bool victim = is_being_deleted(pod);
    return names_[name] = victim ? "pause victim" : "pause replacement";
  }
  void record(const StoreEvent& event) {
    const Json& object = *event.object;
    const std::string kind = event.resource.plural;
    const std::string app = name_of(object).name.substr(0, name_of(object).name.find('-'));
    std::string who;
    std::string what;
    if (kind == "pods") {
      who = "pod " + name_of_pod(object);
      what = pod_text(object);
    } else {
      who = (kind == "deployments" ? "deployment " : "replicaset ") + app;
      what = kind == "deployments" ? deployment_text(object) : replica_set_text(object);
    }
    const char* sign = event.type == EventType::kAdded ? "+ " : event.type == EventType::kDeleted ? "- " : "~ ";
    const std::string change = sign + what;
    order_.emplace_back(who + " " + change);
    changes_[who].push_back(change);
  }
  static std::string pod_text(const Json& pod) {
    std::string text = text_or(pod, {"status", "phase"}, "Pending");
    if (is_being_deleted(pod)) text += " deleting";
    if (field_at(pod, {"status", "nominatedNodeName"})) text += " nominated";
    if (is_bound(pod)) text += " on-node";
    const std::string scheduled = condition_text(pod, "PodScheduled");
    if (scheduled == "True ") text += " scheduled";
    if (scheduled == "False Unschedulable") text += " unschedulable";
    const Json* ready = find_condition(pod, "Ready");
    if (ready && text_at(*ready, {"status"}) == "True") text += " ready";
    return text;
  }
  static std::string counts(const Json& object) {
    return std::to_string(int_at(object, {"status", "replicas"})) + "/" +
           std::to_string(int_at(object, {"status", "readyReplicas"}));
  }
  static std::string deployment_text(const Json& object) {
    std::string text = counts(object);
    for (const char* type : {"Available", "Progressing"}) {
      if (const Json* condition = find_condition(object, type)) {
        text += std::string(" ") + type + "=" + text_at(*condition, {"reason"});
      }
    }
    return text;
  }
  static std::string replica_set_text(const Json& object) {
    return counts(object) + (field_at(object, {"status", "observedGeneration"}) ? " observed" : "");
  }
  // Lines with "?" are steps in between that a slower controller leaves out.
  static std::vector<std::string> required(const std::vector<std::string>& expected) {
    std::vector<std::string> lines;
    for (const std::string& line : expected) {
      if (line[0] != '?') lines.push_back(line);
    }
    return lines;
  }
  std::vector<std::string> without_steps(const std::string& who, const std::vector<std::string>& expected) {
    std::vector<std::string> lines;
    for (const std::string& change : changes_[who]) {
      const std::string step = "?" + change.substr(1);
      if (std::find(expected.begin(), expected.end(), step) == expected.end()) lines.push_back(change);
    }
    return lines;
  }
  std::size_t first(const std::string& change) const {
    const auto found = std::find(order_.begin(), order_.end(), change);
    return found == order_.end() ? order_.size() + 1 : static_cast<std::size_t>(found - order_.begin());
  }

  std::map<std::string, std::string> names_;
  int hi_pods_ = 0;
  Changes changes_;
  std::vector<std::string> order_;
};

TEST_F(PreemptionTraceTest, EveryObjectChangesAsInARecordedCluster) {
  start_full_node();
  record_all();
  create_deployment("hi", {.replicas = 2, .cpu = "1", .pod_spec_extra = spec_of(1000)});
  clock_.run_for(6min);  // past the second try of the pod that waits

  const Expected expected = read_expectations();
  ASSERT_FALSE(expected.changes.empty());
  for (const auto& [who, changes] : expected.changes) EXPECT_EQ(without_steps(who, changes), required(changes)) << who;
  for (const auto& [who, changes] : changes_) EXPECT_TRUE(expected.changes.contains(who)) << who;
  for (const auto& [cause, effect] : expected.order) {
    EXPECT_LT(first(cause), first(effect)) << cause << " < " << effect;
    EXPECT_LT(first(effect), order_.size()) << effect;
  }
}

}  // namespace
}  // namespace fakeapi
