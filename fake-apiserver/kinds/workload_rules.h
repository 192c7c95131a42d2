// The rules for what makes pods: the kinds of apps and batch, and replication controllers. Pure functions; `before` is
// the stored object of an update, null for a creation.
#pragma once

#include "fake-apiserver/kinds/problems.h"

namespace fakeapi {

void check_deployment(Problems& problems, const Json& object, const Json* before);
void check_replica_set(Problems& problems, const Json& object, const Json* before);
void check_replication_controller(Problems& problems, const Json& object, const Json* before);
void check_stateful_set(Problems& problems, const Json& object, const Json* before);
void check_daemon_set(Problems& problems, const Json& object, const Json* before);
void check_job(Problems& problems, const Json& object, const Json* before);
void check_cron_job(Problems& problems, const Json& object, const Json* before);
void check_pod_template_object(Problems& problems, const Json& object, const Json* before);
void check_controller_revision(Problems& problems, const Json& object, const Json* before);

// "25%" or a whole number that is not negative.
void check_int_or_percent(Problems& problems, const FieldPath& path, const Json& value);
// Why a schedule of five fields does not parse; "" if it does.
std::string cron_schedule_problem(std::string_view schedule);

}  // namespace fakeapi
