#include "fake-apiserver/controllers/scheduler.h"

#include <algorithm>

#include "fake-apiserver/api/pod_grace.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/preemption.h"
#include "fake-apiserver/controllers/resources.h"

// Whom the scheduler drives out for a pod that finds no room, and the node that it keeps for the pod meanwhile.
namespace fakeapi {
namespace {

constexpr const char* kName = "default-scheduler";
const Resource kBudgets{"policy", "poddisruptionbudgets"};

}  // namespace

bool Scheduler::awaits_victims(const Pod& pod) const {
  const auto nominated = nominated_.find(pod.name);
  if (nominated == nominated_.end()) return false;
  const auto there = pods_.of_node(nominated->second);
  return nodes_.find(nominated->second) && std::any_of(there.begin(), there.end(), [&](const Pod* other) {
           return other->deleting && other->priority < pod.priority;
         });
}

std::string Scheduler::preempt(const Pod& pod, const PlacementRequest& request) {
  std::optional<PlacementRules> rules;
  if (PlacementRules::concern(request, counts_)) rules.emplace(request, nodes_.all(), pods_, counts_);
  const PreemptionContext context{.reserved = reserved_.empty() ? nullptr : &reserved_,
                                  .rules = rules ? &*rules : nullptr,
                                  .budgets = budgets(),
                                  .start = &victims_start_};
  const auto preemption = choose_victims(request, nodes_.in_order(), pods_, context);
  if (!preemption) return "";
  nominate(request, preemption->node);
  for (const Pod* victim : preemption->victims) {
    if (victim->active()) evict(*victim, pod, preemption->node);
  }
  return preemption->node;
}

DisruptionBudgets Scheduler::budgets() const {
  DisruptionBudgets budgets;
  for (const ObjectPtr& object : store_.list(kBudgets)) {
    budgets.push_back(DisruptionBudget{.ns = name_of(*object).ns,
                                       .selector = Requirements::of_selector(field_at(*object, {"spec", "selector"})),
                                       .allowed = int_at(*object, {"status", "disruptionsAllowed"})});
  }
  return budgets;
}

void Scheduler::evict(const Pod& victim, const Pod& preemptor, const std::string& node) {
  const ObjectPtr object = victim.object;
  const base::Duration grace = pod_grace(*object);
  const Preconditions same{.uid = victim.uid, .resource_version = std::nullopt};
  const ObjectName name = victim.name;  // the cache changes as it goes
  const std::string who = preemptor.uid;
  // Without grace too it is seen to go before it is gone: the kubelet does the rest.
  const base::Duration given = grace > base::Duration::zero() ? grace : base::Duration(-1);
  const auto marked = store_.remove(resources::kPods, name, same, given);
  if (!marked) return;
  metrics_.increment("fakeapi_scheduler_preempted_pods_total", "Pods that gave way to one of a higher priority.");
  if (!events_.enabled()) return;
  events_.normal(reference_to(*object, "v1", "Pod"), kName, "Preempted",
                 "Preempted by pod " + who + " on node " + node);
}

void Scheduler::nominate(const PlacementRequest& request, const std::string& node) {
  forget_nomination(request.name);
  nominated_[request.name] = node;
  reserved_[node].push_back(Reservation{request.name, request.priority, request.needs});
}

bool Scheduler::forget_nomination(const ObjectName& name) {
  const auto found = nominated_.find(name);
  if (found == nominated_.end()) return false;
  const auto there = reserved_.find(found->second);
  std::erase_if(there->second, [&](const Reservation& reservation) { return reservation.pod == name; });
  if (there->second.empty()) reserved_.erase(there);
  nominated_.erase(found);
  return true;
}

}  // namespace fakeapi
