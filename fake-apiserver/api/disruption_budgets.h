// PodDisruptionBudgets: which one guards a pod, and whether it lets the pod go. Stateless; all is in the store.
#pragma once

#include <vector>

#include "fake-apiserver/api/status.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

inline const Resource kDisruptionBudgets{"policy", "poddisruptionbudgets"};

// Whether the budget's selector selects the labels of `pod`. Without a selector it selects nothing.
bool guards(const Json& budget, const Json& pod);

// Those of the pod's namespace that guard it.
std::vector<ObjectPtr> budgets_of(const ObjectStore& store, const Json& pod);

// Whether the pod may go without asking a budget: it has ended, has not begun, or goes already.
bool needs_no_budget(const Json& pod);

// Takes one of the disruptions that the pod's budget allows, and notes the pod there until it is seen to go. Changes
// nothing if `dry_run`. 403, 429; 500 if several budgets guard the pod.
ApiResult<> take_disruption(ObjectStore& store, const Json& pod, bool dry_run);

}  // namespace fakeapi
