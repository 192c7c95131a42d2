#include "fake-apiserver/controllers/deployment_status.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/base/time_format.h"

namespace fakeapi {
namespace {

constexpr const char* kProgressing = "Progressing";
constexpr const char* kFinished = "NewReplicaSetAvailable";
constexpr const char* kTimedOut = "ProgressDeadlineExceeded";

const Json* condition_in(const Json& status, const std::string& type) {
  const Json* conditions = field_at(status, {"conditions"});
  if (!conditions || !conditions->is_array()) return nullptr;
  for (const Json& condition : *conditions) {
    if (text_at(condition, {"type"}) == type) return &condition;
  }
  return nullptr;
}

// What keeps a ReplicaSet from creating its pods; the new one's counts before those of the old.
void copy_failure(const ReplicaSets& sets, Json& status) {
  const auto failure_of = [](const ReplicaSetView& set) { return find_condition(*set.object, kReplicaFailure); };
  const Json* failure = sets.current ? failure_of(*sets.current) : nullptr;
  for (const ReplicaSetView& set : sets.old) {
    if (!failure) failure = failure_of(set);
  }
  remove_condition(status, kReplicaFailure);
  if (!failure) return;
  Json copy = *failure;
  copy["lastUpdateTime"] = copy["lastTransitionTime"];
  status["conditions"].push_back(std::move(copy));
}

// More new pods, fewer old ones, or more that are ready or available.
bool has_moved(const Json& before, const Json& after) {
  const auto old_pods = [](const Json& s) { return int_at(s, {"replicas"}) - int_at(s, {"updatedReplicas"}); };
  return int_at(after, {"updatedReplicas"}) > int_at(before, {"updatedReplicas"}) ||
         old_pods(after) < old_pods(before) || int_at(after, {"readyReplicas"}) > int_at(before, {"readyReplicas"}) ||
         int_at(after, {"availableReplicas"}) > int_at(before, {"availableReplicas"});
}

std::string subject(const DeploymentView& deployment, const ReplicaSets& sets) {
  return sets.current ? "ReplicaSet \"" + sets.current->name.name + "\""
                      : "Deployment \"" + deployment.name.name + "\"";
}

}  // namespace

void set_deployment_condition(Json& status, const Condition& condition, base::Time now, bool refresh) {
  Json& conditions = status["conditions"];
  if (!conditions.is_array()) conditions = Json::array();
  const std::string stamp = base::format_rfc3339(now);
  std::string transition = stamp;
  if (const Json* existing = condition_in(status, condition.type)) {
    const bool same_status = text_at(*existing, {"status"}) == condition.status;
    if (!refresh && same_status && text_at(*existing, {"reason"}) == condition.reason) return;
    if (same_status) transition = text_or(*existing, {"lastTransitionTime"}, stamp.c_str());
    remove_condition(status, condition.type);
  }
  status["conditions"].push_back({{"type", condition.type},
                                  {"status", condition.status},
                                  {"reason", condition.reason},
                                  {"message", condition.message},
                                  {"lastUpdateTime", stamp},
                                  {"lastTransitionTime", transition}});
}

Json counted_status(const DeploymentView& deployment, const ReplicaSets& sets, base::Time now) {
  std::int64_t replicas = 0;
  std::int64_t ready = 0;
  std::int64_t available = 0;
  for (const ReplicaSetView* set : sets.all()) {
    replicas += set->replicas;
    ready += set->ready;
    available += set->available;
  }
  Json status = Json::object();
  status["observedGeneration"] = int_at(*deployment.object, {"metadata", "generation"});
  set_unless_zero(status, "replicas", replicas);
  set_unless_zero(status, "updatedReplicas", sets.current ? sets.current->replicas : 0);
  set_unless_zero(status, "readyReplicas", ready);
  set_unless_zero(status, "availableReplicas", available);
  set_unless_zero(status, "unavailableReplicas", std::max<std::int64_t>(0, sets.wanted_before - available));
  set_unless_zero(status, "collisionCount", deployment.collisions);
  const Json* conditions = field_at(*deployment.object, {"status", "conditions"});
  status["conditions"] = conditions && conditions->is_array() ? *conditions : Json::array();

  if (available >= deployment.replicas - deployment.posts.unavailable) {
    set_deployment_condition(status,
                             {.type = "Available",
                              .status = "True",
                              .reason = "MinimumReplicasAvailable",
                              .message = "Deployment has minimum availability."},
                             now);
  } else {
    set_deployment_condition(status,
                             {.type = "Available",
                              .status = "False",
                              .reason = "MinimumReplicasUnavailable",
                              .message = "Deployment does not have minimum availability."},
                             now);
  }
  return status;
}

bool is_complete(const DeploymentView& deployment, const Json& status) {
  return int_at(status, {"updatedReplicas"}) == deployment.replicas &&
         int_at(status, {"replicas"}) == deployment.replicas &&
         int_at(status, {"availableReplicas"}) == deployment.replicas;
}

Json progress_status(const DeploymentView& deployment, const ReplicaSets& sets, base::Time now) {
  Json status = counted_status(deployment, sets, now);
  copy_failure(sets, status);
  if (!deployment.progress_deadline) {
    remove_condition(status, kProgressing);
    return status;
  }
  const Json* known = condition_in(status, kProgressing);
  const bool was_finished = known && text_at(*known, {"reason"}) == kFinished &&
                            int_at(status, {"replicas"}) == int_at(status, {"updatedReplicas"});
  if (was_finished) return status;  // what is finished makes no progress, and does not time out

  const std::string who = subject(deployment, sets);
  static const Json kNone = Json::object();
  const Json* before = field_at(*deployment.object, {"status"});
  if (is_complete(deployment, status)) {
    set_deployment_condition(
        status,
        {.type = kProgressing, .status = "True", .reason = kFinished, .message = who + " has successfully progressed."},
        now);
  } else if (has_moved(before ? *before : kNone, status)) {
    set_deployment_condition(
        status,
        {.type = kProgressing, .status = "True", .reason = "ReplicaSetUpdated", .message = who + " is progressing."},
        now, true);
  } else if (const auto deadline = deadline_of(deployment, status); deadline && *deadline <= now) {
    set_deployment_condition(
        status,
        {.type = kProgressing, .status = "False", .reason = kTimedOut, .message = who + " has timed out progressing."},
        now);
  }
  return status;
}

std::optional<base::Time> deadline_of(const DeploymentView& deployment, const Json& status) {
  const Json* known = condition_in(status, kProgressing);
  if (!known || !deployment.progress_deadline) return std::nullopt;
  const std::string reason = text_at(*known, {"reason"});
  if (reason == kFinished || reason == kTimedOut || reason == "DeploymentPaused") return std::nullopt;
  const auto updated = time_at(*known, {"lastUpdateTime"});
  if (!updated) return std::nullopt;
  return *updated + *deployment.progress_deadline;
}

}  // namespace fakeapi
