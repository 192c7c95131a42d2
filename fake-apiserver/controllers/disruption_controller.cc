#include "fake-apiserver/controllers/disruption_controller.h"

#include <algorithm>
#include <utility>

#include "common/base/number_format.h"
#include "common/base/time_format.h"
#include "fake-apiserver/api/disruption_budgets.h"
#include "fake-apiserver/api/selector.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {
namespace {

constexpr const char* kName = "controllermanager";
// After this long an allowed eviction that nobody saw counts as given up.
constexpr base::Duration kDeletionTimeout = std::chrono::minutes(2);

bool is_percent(const Json& value) { return value.is_string() && value.get_ref<const std::string&>().ends_with('%'); }

// A number, or a percentage of `total`, rounded up; nullopt if it is neither.
std::optional<std::int64_t> scaled(const Json& value, std::int64_t total) {
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (!is_percent(value)) return std::nullopt;
  const std::string& text = value.get_ref<const std::string&>();
  const auto percent = base::parse_int64(std::string_view(text).substr(0, text.size() - 1));
  if (!percent) return std::nullopt;
  return (*percent * total + 99) / 100;
}

Json reference_to(const Json& budget) { return fakeapi::reference_to(budget, "policy/v1", "PodDisruptionBudget"); }

bool same_for_budgets(const Pod& a, const Pod& b) {
  const bool same_labels = a.labels == b.labels || (a.labels && b.labels && *a.labels == *b.labels);
  return same_labels && a.ready == b.ready && a.deleting == b.deleting && a.phase == b.phase &&
         a.owner_uid == b.owner_uid;
}

}  // namespace

DisruptionController::DisruptionController(base::Duration delay, ObjectStore& store, base::Clock& clock, PodCache& pods,
                                           EventRecorder& events, std::optional<WriteRate> rate)
    : store_(store),
      clock_(clock),
      events_(events),
      selected_(pods),
      meter_(store, clock, rate),
      queue_(
          clock, delay,
          [this](const ObjectName& name) { meter_.run(queue_, name, [this](const ObjectName& due) { sync(due); }); }),
      subscription_(store, kDisruptionBudgets, [this](const StoreEvent& event) { on_budget(event); }) {
  for (const ObjectPtr& budget : store.list(kDisruptionBudgets)) watch(*budget);
  pods.listen([this](const Pod* before, const Pod* after) { on_pod(before, after); });
}

void DisruptionController::on_budget(const StoreEvent& event) {
  if (event.type != EventType::kDeleted) return watch(*event.object);
  const ObjectName name = name_of(*event.object);
  selectors_.erase(name);
  selected_.forget(name);
}

void DisruptionController::watch(const Json& budget) {
  const ObjectName name = name_of(budget);
  queue_.add(name);
  const Json* selector = field_at(budget, {"spec", "selector"});
  const auto known = selectors_.find(name);
  if (selector && known != selectors_.end() && known->second == *selector) return;
  selectors_.erase(name);
  selected_.forget(name);
  if (!selector) return;
  auto parsed = LabelSelector::parse(selector_text(*selector));
  if (!parsed) return;
  selectors_[name] = *selector;
  selected_.watch(name, [labels = *std::move(parsed)](const Pod& pod) { return labels.matches(*pod.object); });
}

void DisruptionController::on_pod(const Pod* before, const Pod* after) {
  if (selected_.empty() || (before && after && same_for_budgets(*before, *after))) return;
  selected_.on_pod(before, after, [this](const ObjectName& budget) { queue_.add(budget); });
}

std::vector<const Pod*> DisruptionController::guarded_by(const ObjectName& budget) const {
  std::vector<const Pod*> guarded;
  for (const auto& [name, pod] : selected_.of(budget)) {
    if (!pod->finished()) guarded.push_back(pod);
  }
  return guarded;
}

void DisruptionController::sync(const ObjectName& name) {
  const auto stored = store_.get(kDisruptionBudgets, name);
  if (!stored) return;
  const ObjectPtr budget = *stored;
  const std::vector<const Pod*> pods = guarded_by(name);
  const Expectation expected = expectation_of(*budget, pods);
  Json disrupted = still_disrupted(name, *budget, pods);
  const auto healthy = std::count_if(pods.begin(), pods.end(), [&](const Pod* pod) {
    return pod->ready && !pod->deleting && !disrupted.contains(pod->name.name);
  });
  std::int64_t allowed = std::max<std::int64_t>(0, healthy - expected.healthy);
  if (expected.pods <= 0 || !expected.problem.empty()) allowed = 0;
  const char* reason = !expected.problem.empty() ? "SyncFailed" : allowed > 0 ? "SufficientPods" : "InsufficientPods";
  const Condition condition{"DisruptionAllowed", allowed > 0 ? "True" : "False", reason, expected.problem};
  (void)store_.update(kDisruptionBudgets, name, Part::kStatus, [&](Json& object) -> base::Result<> {
    Json& status = object_in(object, "status");
    const std::int64_t generation = int_at(object, {"metadata", "generation"});
    status["currentHealthy"] = healthy;
    status["desiredHealthy"] = expected.healthy;
    status["disruptionsAllowed"] = allowed;
    status["expectedPods"] = expected.pods;
    status["observedGeneration"] = generation;
    if (disrupted.empty()) {
      status.erase("disruptedPods");
    } else {
      status["disruptedPods"] = std::move(disrupted);
    }
    set_condition(status, condition, clock_.now());
    for (Json& entry : status["conditions"]) {
      if (text_at(entry, {"type"}) != condition.type) continue;
      entry["message"] = condition.message;
      entry["observedGeneration"] = generation;
    }
    return {};
  });
  if (pods.empty()) events_.normal(reference_to(*budget), kName, "NoPods", "No matching pods found");
  if (expected.problem.empty()) return;
  events_.warning(reference_to(*budget), kName, "CalculateExpectedPodCountFailed",
                  "Failed to calculate the number of expected pods: " + expected.problem);
}

DisruptionController::Expectation DisruptionController::expectation_of(const Json& budget,
                                                                       const std::vector<const Pod*>& pods) const {
  const Json* least = field_at(budget, {"spec", "minAvailable"});
  const Json* most_gone = field_at(budget, {"spec", "maxUnavailable"});
  const auto count = static_cast<std::int64_t>(pods.size());
  Expectation expected;
  if (most_gone) {
    expected = scale_of(pods);
    const auto gone = scaled(*most_gone, expected.pods);
    if (!gone) return {.problem = "invalid value for IntOrString"};
    expected.healthy = std::max<std::int64_t>(0, expected.pods - *gone);
  } else if (least && is_percent(*least)) {
    expected = scale_of(pods);
    const auto wanted = scaled(*least, expected.pods);
    if (!wanted) return {.problem = "invalid value for IntOrString"};
    expected.healthy = *wanted;
  } else if (least) {
    expected = {.pods = count, .healthy = scaled(*least, count).value_or(0), .problem = {}};
  } else {
    expected = {.pods = count, .healthy = 1, .problem = {}};
  }
  if (!expected.problem.empty()) expected.healthy = 0;
  return expected;
}

DisruptionController::Expectation DisruptionController::scale_of(const std::vector<const Pod*>& pods) const {
  Expectation expected;
  std::map<std::string, std::int64_t> sizes;  // by the uid of what sets the size
  for (const Pod* pod : pods) {
    if (pod->owner_uid.empty()) continue;  // of no controller: it is not expected anywhere
    std::string root;
    const auto size = size_of_controller(*pod, root);
    if (!size) {
      expected.problem = "found no controllers for pod \"" + pod->name.name + "\"";
      return expected;
    }
    sizes[root] = *size;
  }
  for (const auto& [uid, size] : sizes) expected.pods += size;
  return expected;
}

std::optional<std::int64_t> DisruptionController::size_of_controller(const Pod& pod, std::string& root) const {
  const auto owner = controller_of(*pod.object);
  if (!owner) return std::nullopt;
  const Resource* resource = nullptr;
  if (owner->kind == "ReplicaSet") resource = &resources::kReplicaSets;
  if (owner->kind == "StatefulSet") resource = &resources::kStatefulSets;
  if (owner->kind == "ReplicationController") resource = &resources::kReplicationControllers;
  if (!resource) return std::nullopt;
  const ObjectPtr controller = store_.find(*resource, ObjectName{pod.name.ns, owner->name});
  if (!controller || uid_of(*controller) != owner->uid) return std::nullopt;
  root = owner->uid;
  const auto above = controller_of(*controller);
  if (above && above->kind == "Deployment") {
    const ObjectPtr deployment = store_.find(resources::kDeployments, ObjectName{pod.name.ns, above->name});
    if (deployment && uid_of(*deployment) == above->uid) {
      root = above->uid;
      return int_at(*deployment, {"spec", "replicas"}, 1);
    }
  }
  return int_at(*controller, {"spec", "replicas"}, 1);
}

Json DisruptionController::still_disrupted(const ObjectName& name, const Json& budget,
                                           const std::vector<const Pod*>& pods) {
  Json kept = Json::object();
  const Json* disrupted = field_at(budget, {"status", "disruptedPods"});
  if (!disrupted || !disrupted->is_object()) return kept;
  for (const Pod* pod : pods) {
    const auto entry = disrupted->find(pod->name.name);
    if (entry == disrupted->end() || pod->deleting) continue;
    const auto since = entry->is_string() ? base::parse_rfc3339(entry->get_ref<const std::string&>()) : std::nullopt;
    if (!since || *since + kDeletionTimeout <= clock_.now()) continue;
    kept[pod->name.name] = *entry;
    queue_.add_after(name, *since + kDeletionTimeout - clock_.now());
  }
  return kept;
}

}  // namespace fakeapi
