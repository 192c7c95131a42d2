// A rollout beside the recording of a real one: the same writes to every object, in the same order.
#include <fstream>
#include <map>
#include <sstream>

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

using Lines = std::vector<std::string>;

std::string count_text(const Json& object, FieldPath path) {
  const Json* field = field_at(object, path);
  return field ? std::to_string(field->get<std::int64_t>()) : "-";
}

std::string counts(const Json& object, std::initializer_list<const char*> fields) {
  std::string text;
  for (const char* field : fields) text += " " + count_text(object, {"status", field});
  return text;
}

std::string generations(const Json& object) {
  return count_text(object, {"metadata", "generation"}) + " " + count_text(object, {"status", "observedGeneration"}) +
         " " + count_text(object, {"spec", "replicas"});
}

std::string deployment_text(const Json& object) {
  std::string text =
      generations(object) + " |" +
      counts(object, {"replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas"}) +
      " |";
  const Json* conditions = field_at(object, {"status", "conditions"});
  if (!conditions) return text;
  for (const Json& condition : *conditions) {
    text += " " + text_at(condition, {"type"}) + "/" + text_at(condition, {"status"}) + "/" +
            text_at(condition, {"reason"});
  }
  return text;
}

std::string set_text(const Json& object) {
  std::string text = generations(object) + " |" +
                     counts(object, {"replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas"}) + " |";
  for (const char* name : {"desired-replicas", "max-replicas", "revision"}) {
    text += " " + text_at(object, {"metadata", "annotations", std::string("deployment.kubernetes.io/") + name});
  }
  return text;
}

std::string pod_text(const StoreEvent& event) {
  const Json& pod = *event.object;
  std::string text = event.type == EventType::kAdded      ? "added "
                     : event.type == EventType::kModified ? "modified "
                                                          : "deleted ";
  text += text_or(pod, {"status", "phase"}, "Pending");
  if (field_at(pod, {"spec", "nodeName"})) text += " bound";
  const Json* ready = find_condition(pod, "Ready");
  if (ready && text_at(*ready, {"status"}) == "True") text += " ready";
  if (is_being_deleted(pod)) text += " deleted in " + count_text(pod, {"metadata", "deletionGracePeriodSeconds"});
  return text;
}

// The line without its counts: what does not depend on who is faster.
std::string causal_part(const std::string& line) {
  const std::size_t first = line.find('|');
  if (first == std::string::npos) return line;
  return line.substr(0, first) + line.substr(line.find('|', first + 1));
}

// Whether `seen` is one of the sequences that `recorded` stands for, from these places on.
bool follows(const Lines& recorded, std::size_t r, const Lines& seen, std::size_t s) {
  if (r == recorded.size()) return s == seen.size();
  const std::string& line = recorded[r];
  if (line.starts_with("? ")) {
    if (follows(recorded, r + 1, seen, s)) return true;
    return s < seen.size() && seen[s] == line.substr(2) && follows(recorded, r + 1, seen, s + 1);
  }
  if (line.find("| *") != std::string::npos) {
    if (follows(recorded, r + 1, seen, s)) return true;
    return s < seen.size() && causal_part(seen[s]) == causal_part(line) && follows(recorded, r, seen, s + 1);
  }
  return s < seen.size() && seen[s] == line && follows(recorded, r + 1, seen, s + 1);
}

std::map<std::string, Lines> read_recording(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::map<std::string, Lines> sections;
  std::string section;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    if (line[0] == '[') {
      section = line.substr(1, line.find(']') - 1);
    } else {
      sections[section].push_back(line);
    }
  }
  return sections;
}

std::string joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += "  " + line + "\n";
  return text;
}

class RolloutTraceTest : public ClusterTest {
 protected:
  // The deployment controller of the recording is slower than its neighbours; the kubelet is the test.
  void start_recorded() {
    ClusterOptions options = simple_options();
    options.controllers.set("kubelet", false);
    options.deployment_delay = 40ms;
    options.scheduling_delay = 5ms;
    start(options);
    store_.subscribe_all([this](const StoreEvent& event) { note(event); });
  }

  // "old" or "new" in place of the ReplicaSet's name wherever it stands.
  std::string role_of(const std::string& name) const {
    for (const auto& [set, role] : roles_) {
      if (name == set || name.starts_with(set + "-")) return role;
    }
    return "";
  }
  std::string anonymous(std::string text) const {
    for (const auto& [set, role] : roles_) {
      const std::size_t at = text.find(set);
      if (at == std::string::npos) continue;
      const std::size_t end = text.find_first_of(" ", at);
      text.replace(at, (end == std::string::npos ? text.size() : end) - at, role);
    }
    return text;
  }

  void note(const StoreEvent& event) {
    const Json& object = *event.object;
    const std::string name = name_of(object).name;
    if (event.resource == resources::kDeployments) seen_["deployment"].push_back(deployment_text(object));
    if (event.resource == resources::kReplicaSets) {
      roles_.try_emplace(name, roles_.empty() ? "old" : "new");
      seen_[roles_[name]].push_back(set_text(object));
      const std::string size = roles_[name] + " " + count_text(object, {"spec", "replicas"});
      if (sizes_[name] != size) seen_["sizes"].push_back(size);
      sizes_[name] = size;
    }
    if (event.resource == resources::kPods) pods_seen_[name].push_back(pod_text(event));
    if (event.resource == resources::kEvents && event.type == EventType::kAdded) {
      const std::string kind = text_at(object, {"involvedObject", "kind"});
      const std::string about = text_at(object, {"involvedObject", "name"});
      const std::string section = "events " + (kind == "Deployment" ? "deployment" : role_of(about));
      if (kind == "Pod") {
        scheduled_ += text_at(object, {"reason"}) == "Scheduled" ? 1 : 0;
        return;
      }
      seen_[section].push_back(text_at(object, {"reason"}) + " " + anonymous(text_at(object, {"message"})));
    }
  }

  // What the kubelet would do to the next `count` pods of the role that are bound and not ready.
  void make_ready(const std::string& role, int count) {
    for (const ObjectPtr& pod : pods()) {
      if (count == 0) break;
      if (role_of(name_of(*pod).name) != role || is_ready(*pod) || is_being_deleted(*pod) || !is_bound(*pod)) continue;
      --count;
      change(
          resources::kPods, name_of(*pod),
          [&](Json& object) {
            object["status"]["phase"] = "Running";
            set_condition(object["status"], {"Ready", "True", "", ""}, clock_.now());
          },
          Part::kStatus);
    }
    ASSERT_EQ(count, 0);
  }
  void end_deleted_pods() {
    for (const ObjectPtr& pod : pods()) {
      if (!is_being_deleted(*pod)) continue;
      ASSERT_TRUE(store_.remove(resources::kPods, name_of(*pod), {}, 0s));
    }
  }

  std::map<std::string, std::string> roles_;  // of ReplicaSets by name
  std::map<std::string, std::string> sizes_;
  std::map<std::string, Lines> seen_;
  std::map<std::string, Lines> pods_seen_;
  int scheduled_ = 0;
};

TEST_F(RolloutTraceTest, EveryObjectIsWrittenAsInTheRecording) {
  start_recorded();
  create_deployment("seq", {.replicas = 4,
                            .strategy = {{"type", "RollingUpdate"},
                                         {"rollingUpdate", {{"maxSurge", "25%"}, {"maxUnavailable", "25%"}}}}});
  clock_.run_for(1s);
  for (const int count : {1, 1, 2}) {
    make_ready("old", count);
    clock_.run_for(200ms);
  }
  clock_.run_for(5s);

  set_image("seq", "app:2");
  clock_.run_for(75ms);  // the first new pod is there, and the second not yet asked for
  make_ready("new", 1);
  clock_.run_for(10ms);
  end_deleted_pods();
  clock_.run_for(115ms);
  end_deleted_pods();
  make_ready("new", 2);
  clock_.run_for(200ms);
  end_deleted_pods();
  make_ready("new", 1);
  clock_.run_for(5s);

  scale("seq", 2);
  clock_.run_for(200ms);
  end_deleted_pods();
  clock_.run_for(5s);

  const auto recorded = read_recording("fake-apiserver/controllers/testdata/rollout-1.20.txt");
  ASSERT_EQ(recorded.size(), 9u);
  std::map<Lines, int> pods;
  for (const auto& [name, lines] : pods_seen_) ++pods[lines];
  EXPECT_EQ(pods, (std::map<Lines, int>{{recorded.at("pod that goes"), 6}, {recorded.at("pod that stays"), 2}}));
  EXPECT_EQ(scheduled_, 8);
  for (const auto& [section, lines] : recorded) {
    if (section.starts_with("pod ")) continue;
    EXPECT_TRUE(follows(lines, 0, seen_[section], 0)) << section << " was recorded as\n"
                                                      << joined(lines) << "and is\n"
                                                      << joined(seen_[section]);
  }
}

TEST(RecordingTest, AComparisonTakesOptionalWritesAndRacesAndNothingElse) {
  const Lines recorded{"1 | 0 | x", "? 1 | 1 | x", "2 | * | x", "2 | 9 | y"};
  const auto fits = [&](const Lines& seen) { return follows(recorded, 0, seen, 0); };
  EXPECT_TRUE(fits({"1 | 0 | x", "2 | 9 | y"}));
  EXPECT_TRUE(fits({"1 | 0 | x", "1 | 1 | x", "2 | 4 | x", "2 | 5 | x", "2 | 9 | y"}));
  EXPECT_FALSE(fits({"1 | 0 | x", "2 | 4 | z", "2 | 9 | y"}));
  EXPECT_FALSE(fits({"1 | 0 | x", "2 | 8 | y"}));
  EXPECT_FALSE(fits({"2 | 9 | y"}));
  EXPECT_FALSE(fits({"1 | 0 | x", "2 | 9 | y", "2 | 9 | y"}));
}

}  // namespace
}  // namespace fakeapi
