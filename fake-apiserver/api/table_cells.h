// The cells of kubectl's tables, one function a resource: what the columns of table.cc show. Pure functions.
#pragma once

#include "common/base/time.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

// The cells of one row, as an array in the order of the columns.
using CellsFunction = Json (*)(const Json& object, base::Time now);

Json generic_cells(const Json& object, base::Time now);  // name, age

Json pod_cells(const Json& object, base::Time now);
Json node_cells(const Json& object, base::Time now);
Json service_cells(const Json& object, base::Time now);
Json endpoints_cells(const Json& object, base::Time now);
Json event_cells(const Json& object, base::Time now);
Json namespace_cells(const Json& object, base::Time now);
Json config_map_cells(const Json& object, base::Time now);
Json secret_cells(const Json& object, base::Time now);
Json service_account_cells(const Json& object, base::Time now);

Json deployment_cells(const Json& object, base::Time now);
Json replica_set_cells(const Json& object, base::Time now);  // replication controllers too
Json stateful_set_cells(const Json& object, base::Time now);
Json daemon_set_cells(const Json& object, base::Time now);
Json autoscaler_cells(const Json& object, base::Time now);
Json job_cells(const Json& object, base::Time now);
Json cron_job_cells(const Json& object, base::Time now);
Json disruption_budget_cells(const Json& object, base::Time now);
Json endpoint_slice_cells(const Json& object, base::Time now);
Json lease_cells(const Json& object, base::Time now);
Json priority_class_cells(const Json& object, base::Time now);

Json created_cells(const Json& object, base::Time now);  // name, the time of creation
Json volume_cells(const Json& object, base::Time now);
Json volume_claim_cells(const Json& object, base::Time now);
Json resource_quota_cells(const Json& object, base::Time now);
Json pod_template_cells(const Json& object, base::Time now);
Json component_status_cells(const Json& object, base::Time now);
Json controller_revision_cells(const Json& object, base::Time now);
Json ingress_cells(const Json& object, base::Time now);
Json ingress_class_cells(const Json& object, base::Time now);
Json network_policy_cells(const Json& object, base::Time now);
Json storage_class_cells(const Json& object, base::Time now);
Json csi_node_cells(const Json& object, base::Time now);
Json volume_attachment_cells(const Json& object, base::Time now);
Json binding_cells(const Json& object, base::Time now);  // of roles, to subjects
Json api_service_cells(const Json& object, base::Time now);
Json webhook_cells(const Json& object, base::Time now);
Json runtime_class_cells(const Json& object, base::Time now);

// Shared by the files that implement these.
Json name_cell(const Json& object);
Json age_of(const Json& object, base::Time now);
Json count_at(const Json& object, std::initializer_list<std::string_view> path);  // 0 if absent
std::string cell_text(const Json& object, std::initializer_list<std::string_view> path, const char* otherwise);
// "a=b,c=d", "<none>" if there are no labels.
std::string labels_cell(const Json& labels);
// `items` by commas; of more than `shown` the rest is counted; "<none>" without any.
std::string list_cell(const std::vector<std::string>& items, std::size_t shown);

}  // namespace fakeapi
