#include "fake-apiserver/api/disruption_budgets.h"

#include <string>
#include <utility>

#include "common/base/time_format.h"
#include "fake-apiserver/api/selector.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

constexpr std::size_t kMostDisruptedPods = 2000;  // evictions that nobody has confirmed
constexpr std::int64_t kRetrySeconds = 10;        // while the controller has yet to read the budget

std::int64_t count_at(const Json& budget, std::string_view field) {
  return integer_at(budget, {"status", field}).value_or(0);
}

bool is_ready(const Json& pod) {
  const Json& conditions = at_path(pod, {"status", "conditions"});
  if (!conditions.is_array()) return false;
  for (const Json& condition : conditions) {
    if (text_at(condition, {"type"}) == "Ready") return text_at(condition, {"status"}) == "True";
  }
  return false;
}

StatusError violation(const std::string& why, std::int64_t retry_seconds) {
  StatusError error;
  error.code = 429;
  error.reason = "TooManyRequests";
  error.message = "Cannot evict pod as it would violate the pod's disruption budget.";
  error.details["causes"] = Json::array({{{"reason", "DisruptionBudget"}, {"message", why}}});
  if (retry_seconds > 0) error.details["retryAfterSeconds"] = retry_seconds;
  return error;
}

std::string name_in(const Json& budget) { return text_at(budget, {"metadata", "name"}); }

// A pod that is not ready takes nothing away from what is healthy, if enough is.
bool may_go_unready(const Json& budget, const Json& pod) {
  if (is_ready(pod)) return false;
  if (text_at(budget, {"spec", "unhealthyPodEvictionPolicy"}) == "AlwaysAllow") return true;
  const std::int64_t desired = count_at(budget, "desiredHealthy");
  return desired > 0 && count_at(budget, "currentHealthy") >= desired;
}

ApiResult<> check_allowed(const Json& budget) {
  const std::string name = name_in(budget);
  if (count_at(budget, "observedGeneration") < integer_at(budget, {"metadata", "generation"}).value_or(0)) {
    return violation("The disruption budget " + name + " is still being processed by the server.", kRetrySeconds);
  }
  const std::int64_t allowed = count_at(budget, "disruptionsAllowed");
  if (allowed < 0) return forbidden(kDisruptionBudgets, name, "pdb disruptions allowed is negative");
  if (at_path(budget, {"status", "disruptedPods"}).size() > kMostDisruptedPods) {
    return forbidden(kDisruptionBudgets, name,
                     "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
  }
  if (allowed > 0) return {};
  return violation("The disruption budget " + name + " needs " + std::to_string(count_at(budget, "desiredHealthy")) +
                       " healthy pods and has " + std::to_string(count_at(budget, "currentHealthy")) + " currently",
                   0);
}

// The last disruption that is allowed shows in the condition at once.
void note_exhausted(Json& status, const std::string& now) {
  Json& conditions = status["conditions"];
  if (!conditions.is_array()) return;
  for (Json& condition : conditions) {
    if (text_at(condition, {"type"}) != "DisruptionAllowed" || text_at(condition, {"status"}) == "False") continue;
    condition["status"] = "False";
    condition["reason"] = "InsufficientPods";
    condition["lastTransitionTime"] = now;
  }
}

}  // namespace

bool guards(const Json& budget, const Json& pod) {
  const Json& selector = at_path(budget, {"spec", "selector"});
  if (!selector.is_object()) return false;
  const auto parsed = LabelSelector::parse(selector_text(selector));
  return parsed && parsed->matches(pod);
}

std::vector<ObjectPtr> budgets_of(const ObjectStore& store, const Json& pod) {
  std::vector<ObjectPtr> budgets = store.list(kDisruptionBudgets, text_at(pod, {"metadata", "namespace"}));
  std::erase_if(budgets, [&](const ObjectPtr& budget) { return !guards(*budget, pod); });
  return budgets;
}

bool needs_no_budget(const Json& pod) {
  const std::string phase = text_at(pod, {"status", "phase"});
  return phase.empty() || phase == "Succeeded" || phase == "Failed" || phase == "Pending" ||
         at_path(pod, {"metadata", "deletionTimestamp"}).is_string();
}

ApiResult<> take_disruption(ObjectStore& store, const Json& pod, bool dry_run) {
  if (needs_no_budget(pod)) return {};
  const std::vector<ObjectPtr> budgets = budgets_of(store, pod);
  if (budgets.empty()) return {};
  if (budgets.size() > 1) {
    StatusError error = internal_error(
        "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
    error.reason.clear();
    return error;
  }
  const Json& budget = *budgets.front();
  if (may_go_unready(budget, pod)) return {};
  if (auto allowed = check_allowed(budget); !allowed || dry_run) return allowed;
  const std::string now = base::format_rfc3339(store.clock().now());
  const auto taken = store.update(kDisruptionBudgets, name_of(budget), Part::kStatus, [&](Json& object) {
    Json& status = object["status"];
    const std::int64_t left = count_at(object, "disruptionsAllowed") - 1;
    status["disruptionsAllowed"] = left;
    if (!status["disruptedPods"].is_object()) status["disruptedPods"] = Json::object();
    status["disruptedPods"][text_at(pod, {"metadata", "name"})] = now;
    if (left == 0) note_exhausted(status, now);
    return base::Result<>{};
  });
  if (!taken) return from_store(taken.error(), kDisruptionBudgets, name_in(budget));
  return {};
}

}  // namespace fakeapi
