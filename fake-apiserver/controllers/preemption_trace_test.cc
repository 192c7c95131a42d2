// One node, full of pause pods but for one place, and a Deployment of two pods of a higher priority: every write beside
// the recording of a cluster of Kubernetes 1.20 (testdata/preemption.txt, which tells what is compared and what is
// not). All is done by the cluster's own programs; the Events of the kubelet, which the recorded one did not write, are
// left out.
#include <algorithm>
#include <map>

#include "fake-apiserver/controllers/cluster_test_fixture.h"
#include "fake-apiserver/controllers/trace_test_support.h"

namespace fakeapi {
namespace {

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
    store_.subscribe_all([this](const StoreEvent& event) { record(event); });
    names_ = {{name_of(*nodes().front()).name, "n1"}, {"default", "seq"}};
  }
  void name_pod(const StoreEvent& event) {
    const ObjectName name = name_of(*event.object);
    const bool high = name.name.starts_with("hi-");
    const bool added = event.type == EventType::kAdded;
    if (!added && (high || !is_being_deleted(*event.object) || victims_++ > 0)) return;
    const std::string role = high ? "hi-" + std::to_string(++high_) : added ? "replacement" : "victim";
    names_.emplace_back(name.name, role);
    names_.emplace_back(uid_of(*event.object), "<uid of " + role + ">");
  }
  void record(const StoreEvent& event) {
    const Json& object = *event.object;
    const std::string name = name_of(object).name;
    if (event.resource == resources::kPods) {
      name_pod(event);
      lines_.push_back(trace::line_of(event, "pod " + name, clock_.now()));
    } else if (event.resource == resources::kDeployments || event.resource == resources::kReplicaSets) {
      const std::string kind = event.resource == resources::kDeployments ? "deployment " : "set ";
      lines_.push_back(trace::line_of(event, kind + name, clock_.now()));
      if (kind == "set " && event.type == EventType::kAdded) sets_.emplace_back(name, "hi");
    } else if (event.resource == resources::kEvents && event.type == EventType::kAdded &&
               text_at(object, {"source", "component"}) != "kubelet") {
      const std::string kind = trace::kind_of(text_at(object, {"involvedObject", "kind"}));
      const std::string about = text_at(object, {"involvedObject", "name"});
      lines_.push_back(trace::line_of(event, "events " + kind + " " + about, clock_.now()));
    }
  }
  trace::Lines seen() const {
    auto names = names_;  // pods before their ReplicaSets
    names.insert(names.end(), sets_.begin(), sets_.end());
    trace::Lines lines;
    for (const std::string& line : lines_) lines.push_back(trace::renamed(line, names));
    return lines;
  }

  std::vector<std::pair<std::string, std::string>> names_;
  std::vector<std::pair<std::string, std::string>> sets_;
  int high_ = 0;
  int victims_ = 0;
  trace::Lines lines_;
};

TEST_F(PreemptionTraceTest, WritesAreThoseOfTheRecordingButForMarkedOnesInItsCausalOrder) {
  start_full_node();
  sets_.emplace_back(name_of(*replica_sets().front()).name, "pause");
  record_all();
  create_deployment("hi", {.replicas = 2, .cpu = "1", .pod_spec_extra = spec_of(1000)});
  clock_.run_for(6min);  // past the second try of the pod that waits

  const trace::Recording recorded = trace::read_recording("fake-apiserver/controllers/testdata/preemption.txt");
  ASSERT_FALSE(recorded.lines.empty());
  EXPECT_EQ(trace::difference(recorded, seen()), "");
}

}  // namespace
}  // namespace fakeapi
