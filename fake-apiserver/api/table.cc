#include "fake-apiserver/api/table.h"

#include "fake-apiserver/api/table_cells.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

struct TableLayout {
  const char* group;
  const char* plural;
  // Names separated by "|"; "*" marks the wide ones, "#" an integer, "?" a boolean, "@" the object's name.
  const char* columns;
  CellsFunction cells;
};

constexpr const char* kReplicaSetColumns = "@Name|#Desired|#Current|#Ready|Age|*Containers|*Images|*Selector";

constexpr TableLayout kLayouts[] = {
    {"", "pods", "@Name|Ready|Status|#Restarts|Age|*IP|*Node|*Nominated Node|*Readiness Gates", pod_cells},
    {"", "nodes",
     "@Name|Status|Roles|Age|Version|*Internal-IP|*External-IP|*OS-Image|*Kernel-Version|*Container-Runtime",
     node_cells},
    {"", "services", "@Name|Type|Cluster-IP|External-IP|Port(s)|Age|*Selector", service_cells},
    {"", "endpoints", "@Name|Endpoints|Age", endpoints_cells},
    {"", "events", "Last Seen|Type|Reason|Object|*Subobject|*Source|Message|*First Seen|*Count|*@Name", event_cells},
    {"", "namespaces", "@Name|Status|Age", namespace_cells},
    {"", "configmaps", "@Name|Data|Age", config_map_cells},
    {"", "secrets", "@Name|Type|Data|Age", secret_cells},
    {"", "serviceaccounts", "@Name|Secrets|Age", service_account_cells},
    {"", "replicationcontrollers", kReplicaSetColumns, replica_set_cells},
    {"apps", "deployments", "@Name|Ready|Up-to-date|Available|Age|*Containers|*Images|*Selector", deployment_cells},
    {"apps", "replicasets", kReplicaSetColumns, replica_set_cells},
    {"apps", "statefulsets", "@Name|Ready|Age|*Containers|*Images", stateful_set_cells},
    {"apps", "daemonsets",
     "@Name|#Desired|#Current|#Ready|#Up-to-date|#Available|Node Selector|Age|*Containers|*Images|*Selector",
     daemon_set_cells},
    {"autoscaling", "horizontalpodautoscalers", "@Name|Reference|Targets|MinPods|MaxPods|Replicas|Age",
     autoscaler_cells},
    {"batch", "jobs", "@Name|Completions|Duration|Age|*Containers|*Images|*Selector", job_cells},
    {"batch", "cronjobs", "@Name|Schedule|?Suspend|#Active|Last Schedule|Age|*Containers|*Images|*Selector",
     cron_job_cells},
    {"policy", "poddisruptionbudgets", "@Name|Min Available|Max Unavailable|#Allowed Disruptions|Age",
     disruption_budget_cells},
    {"discovery.k8s.io", "endpointslices", "@Name|AddressType|Ports|Endpoints|Age", endpoint_slice_cells},
    {"coordination.k8s.io", "leases", "@Name|Holder|Age", lease_cells},
    {"scheduling.k8s.io", "priorityclasses", "@Name|#Value|?Global-Default|Age", priority_class_cells},
};
constexpr TableLayout kGenericLayout{"", "", "@Name|Age", generic_cells};

const TableLayout& layout_of(const Resource& resource) {
  for (const TableLayout& layout : kLayouts) {
    if (resource.plural == layout.plural && resource.group == layout.group) return layout;
  }
  return kGenericLayout;
}

Json column(std::string_view text) {
  Json definition = {{"type", "string"}, {"format", ""}, {"priority", 0}};
  for (;; text.remove_prefix(1)) {
    const char mark = text.front();
    if (mark == '*') {
      definition["priority"] = 1;
    } else if (mark == '#') {
      definition["type"] = "integer";
    } else if (mark == '?') {
      definition["type"] = "boolean";
    } else if (mark == '@') {
      definition["format"] = "name";
    } else {
      break;
    }
  }
  definition["name"] = std::string(text);
  definition["description"] = std::string(text);
  return definition;
}

}  // namespace

Json table_columns(const ResourceInfo& info) {
  Json columns = Json::array();
  std::string_view rest = layout_of(info.resource).columns;
  for (;;) {
    const std::size_t end = rest.find('|');
    columns.push_back(column(rest.substr(0, end)));
    if (end == std::string_view::npos) return columns;
    rest.remove_prefix(end + 1);
  }
}

Json table_row(const ResourceInfo& info, const Json& object, const Json& shown, const OutputFormat& format,
               base::Time now) {
  Json row = {{"cells", layout_of(info.resource).cells(object, now)}};
  switch (format.include_object) {
    case IncludeObject::kNone: row["object"] = nullptr; break;
    case IncludeObject::kMetadata: row["object"] = partial_metadata(object, format.meta_version); break;
    case IncludeObject::kObject: row["object"] = shown; break;
  }
  return row;
}

Json partial_metadata(const Json& object, const std::string& meta_version) {
  return {{"kind", "PartialObjectMetadata"},
          {"apiVersion", "meta.k8s.io/" + meta_version},
          {"metadata", member(object, "metadata")}};
}

}  // namespace fakeapi
