// The status of a Deployment: counts and the conditions Available and Progressing.
//
// Pure functions; reasons, messages and the rules of progress are those of the Kubernetes deployment controller.
#pragma once

#include <optional>

#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/replica_sets.h"

namespace fakeapi {

// Like set_condition(), but with lastUpdateTime, and with the condition moved to the end of the list. A condition
// with the same status and reason is left alone unless `refresh` is set.
void set_deployment_condition(Json& status, const Condition& condition, base::Time now, bool refresh = false);

// Counts and Available; the other conditions as they were.
Json counted_status(const DeploymentView& deployment, const ReplicaSets& sets, base::Time now);

// The same, with Progressing brought up to date.
Json progress_status(const DeploymentView& deployment, const ReplicaSets& sets, base::Time now);

// All pods are of the present template and available. `status` is one of the above.
bool is_complete(const DeploymentView& deployment, const Json& status);

// When an unfinished rollout runs into its deadline unless it moves before; nullopt if it cannot.
std::optional<base::Time> deadline_of(const DeploymentView& deployment, const Json& status);

}  // namespace fakeapi
