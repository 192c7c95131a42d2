// A rollout beside the recording of a real one (testdata/rollout-1.20.txt, which tells what is compared and what is
// not).
//
// The kubelet is played by the test: that of the recording acts in rounds, and writes a pod's start at once, as ours
// does without delays. The writes are made by our kubelet's own functions; the Events that a kubelet adds were not
// recorded.
#include <algorithm>

#include "fake-apiserver/controllers/cluster_test_fixture.h"
#include "fake-apiserver/controllers/pod_status.h"
#include "fake-apiserver/controllers/trace_test_support.h"

namespace fakeapi {
namespace {

class RolloutTraceTest : public ClusterTest {
 protected:
  // The deployment controller of the recording is slower than its neighbours.
  void start_recorded() {
    ClusterOptions options = simple_options();
    options.controllers.set("kubelet", false);
    options.terminating_in_slices = false;
    options.deployment_delay = 40ms;
    options.scheduling_delay = 5ms;
    start(options);
    node_ = name_of(*nodes().front()).name;
    store_.subscribe_all([this](const StoreEvent& event) { note(event); });
  }

  void note(const StoreEvent& event) {
    const Json& object = *event.object;
    const std::string name = name_of(object).name;
    const std::string kind = event.resource.plural;
    if (event.resource == resources::kReplicaSets && event.type == EventType::kAdded) {
      const std::string role = sets_.empty() ? "old" : "new";
      sets_.emplace_back(name, role);
    }
    if (event.resource == resources::kPods) {
      const bool old = name.starts_with(sets_.front().first);
      std::vector<std::string>& list = old ? old_ : new_;
      if (event.type == EventType::kAdded) created_.push_back(name);
      if (is_being_deleted(object) && std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
    }
    std::string who;
    if (event.resource == resources::kEvents) {
      if (event.type != EventType::kAdded) return;
      who = "events " + trace::kind_of(text_at(object, {"involvedObject", "kind"})) + " " +
            text_at(object, {"involvedObject", "name"});
    } else if (kind == "deployments" || kind == "replicasets" || kind == "pods") {
      who = (kind == "deployments" ? "deployment " : kind == "pods" ? "pod " : "set ") + name;
    } else if (kind == "endpoints") {
      who = "endpoints";
    } else if (kind == "endpointslices") {
      who = "slice";
    } else {
      return;
    }
    raw_.push_back(trace::line_of(event, who, clock_.now()));
  }

  static std::string with_sizes(const std::string& line) {
    if (!line.starts_with("slice: ") || line.ends_with("none")) return line;
    std::string text;
    for (const std::string role : {"old", "new"}) {
      int count = 0;
      for (std::size_t at = line.find(role + "-"); at != std::string::npos; at = line.find(role + "-", at + 1)) ++count;
      if (count > 0) text += (text.empty() ? "" : ", ") + std::to_string(count) + " of " + role;
    }
    if (line.find("not ready") != std::string::npos) text += " not ready";
    return line.substr(0, 9) + text;
  }
  trace::Lines seen() const {
    std::vector<std::pair<std::string, std::string>> names{{node_, "n1"}, {"default", "seq"}};
    for (const bool old : {true, false}) {
      std::vector<std::string> pods = old ? old_ : new_;
      for (const std::string& pod : created_) {
        const bool of_old = pod.starts_with(sets_.front().first);
        if (of_old == old && std::find(pods.begin(), pods.end(), pod) == pods.end()) pods.push_back(pod);
      }
      for (std::size_t i = 0; i < pods.size(); ++i) {
        names.emplace_back(pods[i], (old ? "old-" : "new-") + std::to_string(i + 1));
      }
    }
    names.insert(names.end(), sets_.begin(), sets_.end());
    trace::Lines lines;
    for (const std::string& line : raw_) lines.push_back(with_sizes(trace::renamed(line, names)));
    return lines;
  }

  // What the kubelet writes for a pod that is up at once; for the next `count` of the ReplicaSet, in their order.
  void make_ready(const std::string& role, int count) {
    const std::string set = role == "old" ? sets_.front().first : sets_.back().first;
    for (const ObjectPtr& pod : pods()) {
      if (count == 0) break;
      if (!name_of(*pod).name.starts_with(set) || is_ready(*pod) || is_being_deleted(*pod) || !is_bound(*pod)) continue;
      --count;
      const std::string address = "10.128.0." + std::to_string(++addresses_);
      const auto up = [&](Json& object) {
        Json& status = object["status"];
        pod_status::acknowledge(object, status, "10.0.0.1", clock_.now());
        pod_status::run(object, status, address, clock_.now());
        pod_status::become_ready(status, clock_.now());
      };
      change(resources::kPods, name_of(*pod), up, Part::kStatus);
    }
    ASSERT_EQ(count, 0);
  }
  void end_deleted_pods() {
    for (const ObjectPtr& pod : pods()) {
      if (!is_being_deleted(*pod)) continue;
      ASSERT_TRUE(store_.remove(resources::kPods, name_of(*pod), {}, 0s));
    }
  }

  std::string node_;
  std::vector<std::pair<std::string, std::string>> sets_;
  std::vector<std::string> old_;  // in the order in which they go
  std::vector<std::string> new_;
  std::vector<std::string> created_;
  trace::Lines raw_;
  int addresses_ = 0;
};

TEST_F(RolloutTraceTest, WritesAreThoseOfTheRecordingButForMarkedOnesInItsCausalOrder) {
  start_recorded();
  create_deployment("seq", {.replicas = 4,
                            .strategy = {{"type", "RollingUpdate"},
                                         {"rollingUpdate", {{"maxSurge", "25%"}, {"maxUnavailable", "25%"}}}}});
  create(Resource{"", "services"},
         {{"apiVersion", "v1"},
          {"kind", "Service"},
          {"metadata", {{"name", "seq"}, {"namespace", "default"}}},
          {"spec", {{"selector", {{"app", "seq"}}}, {"ports", Json::array({{{"port", 80}}})}}}});
  clock_.run_for(1s);
  for (const int count : {1, 1, 2}) {
    make_ready("old", count);
    clock_.run_for(200ms);
  }
  // The last two new pods become ready a second after the others, and count as younger when it comes to victims, whose
  // ages are compared by magnitude.
  clock_.run_for(5190ms);

  set_image("seq", "app:2");
  clock_.run_for(75ms);  // the first new pod is there, and the second not yet asked for
  make_ready("new", 1);
  clock_.run_for(10ms);
  end_deleted_pods();
  clock_.run_for(115ms);
  end_deleted_pods();
  make_ready("new", 1);
  clock_.run_for(12ms);
  make_ready("new", 1);
  clock_.run_for(200ms);
  end_deleted_pods();
  make_ready("new", 1);
  clock_.run_for(3600ms);

  scale("seq", 2);
  clock_.run_for(200ms);
  end_deleted_pods();
  clock_.run_for(5s);

  const trace::Recording recorded = trace::read_recording("fake-apiserver/controllers/testdata/rollout-1.20.txt");
  ASSERT_FALSE(recorded.lines.empty());
  EXPECT_EQ(trace::difference(recorded, seen()), "");
}

TEST(RecordingTest, AComparisonTakesMarkedWritesOnceAndNothingElse) {
  const trace::Recording recorded{{"a: + 1", "? a: ~ 2", "> a: ~ 3", "x a: ~ 4", "b: + 1"}, {{"a: + 1", "b: + 1"}}};
  const auto fits = [&](const trace::Lines& seen) { return trace::difference(recorded, seen).empty(); };
  EXPECT_TRUE(fits({"a: + 1", "b: + 1"}));
  EXPECT_TRUE(fits({"a: + 1", "b: + 1", "a: ~ 2", "a: ~ 3"}));
  EXPECT_FALSE(fits({"a: + 1", "b: + 1", "a: ~ 2", "a: ~ 2"}));
  EXPECT_FALSE(fits({"a: + 1", "b: + 1", "a: ~ 4"}));
  EXPECT_FALSE(fits({"b: + 1", "a: + 1"}));
  EXPECT_FALSE(fits({"a: + 1"}));
  EXPECT_FALSE(fits({"a: + 1", "b: + 1", "c: + 1"}));
}

}  // namespace
}  // namespace fakeapi
