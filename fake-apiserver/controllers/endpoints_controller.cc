#include "fake-apiserver/controllers/endpoints_controller.h"

#include <algorithm>
#include <set>
#include <utility>

#include "common/base/time_format.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/requirements.h"

namespace fakeapi {
namespace {

const Resource kServices{"", "services"};
const Resource kEndpoints{"", "endpoints"};
const Resource kSlices{"discovery.k8s.io", "endpointslices"};
constexpr const char* kServiceName = "kubernetes.io/service-name";
constexpr const char* kManagedBy = "endpointslice.kubernetes.io/managed-by";
constexpr const char* kManager = "endpointslice-controller.k8s.io";
constexpr const char* kTriggered = "endpoints.kubernetes.io/last-change-trigger-time";
constexpr const char* kOverCapacity = "endpoints.kubernetes.io/over-capacity";

Json selector_of(const Json& service) {
  const Json* labels = field_at(service, {"spec", "selector"});
  const bool any = labels && labels->is_object() && !labels->empty();
  if (!any || text_at(service, {"spec", "type"}) == "ExternalName") return nullptr;
  return {{"matchLabels", *labels}};
}

bool looks_the_same(const Pod& before, const Pod& after) {
  const auto address = [](const Pod& pod) { return field_at(*pod.object, {"status", "podIP"}); };
  const Json* from = address(before);
  const Json* to = address(after);
  const bool same_address = from && to ? *from == *to : from == to;
  const bool same_labels =
      before.labels && after.labels ? *before.labels == *after.labels : before.labels == after.labels;
  return same_address && same_labels && before.ready == after.ready && before.deleting == after.deleting &&
         before.phase == after.phase && before.node == after.node;
}

bool is_headless(const Json& service) { return text_at(service, {"spec", "clusterIP"}) == "None"; }

Json labels_of(const Json& service) {
  const Json* labels = field_at(service, {"metadata", "labels"});
  Json result = labels && labels->is_object() ? *labels : Json::object();
  if (is_headless(service)) result["service.kubernetes.io/headless"] = "";
  return result;
}

Json slice_labels(const Json& service) {
  Json labels = labels_of(service);
  labels[kServiceName] = name_of(service).name;
  labels[kManagedBy] = kManager;
  return labels;
}

bool is_kept_here(const Json& slice) { return text_at(slice, {"metadata", "labels", kManagedBy}) == kManager; }

}  // namespace

EndpointsController::EndpointsController(EndpointsControllerOptions options, ObjectStore& store, base::Clock& clock,
                                         PodCache& pods, const NodeTable& nodes)
    : options_(options),
      store_(store),
      clock_(clock),
      nodes_(nodes),
      selected_(pods),
      meter_(store, clock, options.rate),
      queue_(
          clock, options.delay,
          [this](const ObjectName& name) { meter_.run(queue_, name, [this](const ObjectName& due) { sync(due); }); }),
      services_(store, kServices, [this](const StoreEvent& event) { on_service(event); }),
      endpoints_(store, kEndpoints, [this](const StoreEvent& event) { on_endpoints(event); }),
      slices_(store, kSlices, [this](const StoreEvent& event) { on_slice(event); }) {
  for (const ObjectPtr& service : store.list(kServices)) watch(*service);
  pods.listen([this](const Pod* before, const Pod* after) { on_pod(before, after); });
}

void EndpointsController::on_service(const StoreEvent& event) {
  if (event.type != EventType::kDeleted) return watch(*event.object);
  const ObjectName name = name_of(*event.object);
  selectors_.erase(name);
  if (selected_.forget(name)) queue_.add(name);
}

// What others write there stays until the pods change; slices are put right at once.
void EndpointsController::on_endpoints(const StoreEvent& event) {
  if (writes_ || !options_.endpoints || event.type != EventType::kDeleted) return;
  if (const ObjectName name = name_of(*event.object); selected_.watches(name)) queue_.add(name);
}

void EndpointsController::on_slice(const StoreEvent& event) {
  if (writes_ || !options_.slices) return;
  for (const Json* slice : {event.object.get(), event.previous.get()}) {
    if (!slice || !is_kept_here(*slice)) continue;
    const ObjectName service{name_of(*slice).ns, text_at(*slice, {"metadata", "labels", kServiceName})};
    if (selected_.watches(service)) queue_.add(service);
  }
}

void EndpointsController::watch(const Json& service) {
  const ObjectName name = name_of(service);
  Json selector = selector_of(service);
  if (selector.is_null()) {
    selectors_.erase(name);
    if (selected_.forget(name)) queue_.add(name);
    return;
  }
  queue_.add(name);
  Json& known = selectors_[name];
  if (known == selector) return;
  known = std::move(selector);
  selected_.watch(name, [requirements = Requirements::of_selector(&known)](const Pod& pod) {
    return requirements.met_by(pod.labels);
  });
}

void EndpointsController::on_pod(const Pod* before, const Pod* after) {
  if (selected_.empty() || (before && after && looks_the_same(*before, *after))) return;
  selected_.on_pod(before, after, [this](const ObjectName& service) { queue_.add(service); });
}

void EndpointsController::sync(const ObjectName& name) {
  writes_ = true;
  write(name);
  writes_ = false;
}

void EndpointsController::write(const ObjectName& name) {
  const ObjectPtr service = store_.find(kServices, name);
  if (!service || is_being_deleted(*service) || !selected_.watches(name)) return forget(name);
  std::vector<const Pod*> pods;
  for (const auto& [pod_name, pod] : selected_.of(name)) pods.push_back(pod);
  std::vector<EndpointGroup> groups = endpoint_groups(*service, pods);
  if (options_.endpoints) write_endpoints(*service, groups);
  if (options_.slices) write_slices(*service, std::move(groups));
}

// What was kept for a Service that is gone or selects nothing any more. Without a selector its Endpoints are its
// owner's affair.
void EndpointsController::forget(const ObjectName& name) {
  if (!store_.find(kServices, name) && options_.endpoints) (void)store_.remove(kEndpoints, name, {});
  if (!options_.slices) return;
  for (const ObjectPtr& slice : slices_of(name)) (void)store_.remove(kSlices, name_of(*slice), {});
}

void EndpointsController::write_endpoints(const Json& service, const std::vector<EndpointGroup>& groups) {
  const ObjectName name = name_of(service);
  bool truncated = false;
  const Json subsets = endpoint_subsets(groups, truncated);
  const std::string now = base::format_rfc3339(clock_.now());
  const auto fill_in = [&](Json& object) {
    Json& metadata = object_in(object, "metadata");
    metadata["labels"] = labels_of(service);
    if (metadata["labels"].empty()) metadata.erase("labels");
    Json& annotations = object_in(metadata, "annotations");
    annotations[kTriggered] = now;
    if (truncated) {
      annotations[kOverCapacity] = "truncated";
    } else {
      annotations.erase(kOverCapacity);
    }
    object["subsets"] = subsets;
    if (subsets.empty()) object.erase("subsets");
  };
  const ObjectPtr known = store_.find(kEndpoints, name);
  if (!known) {
    Json object{
        {"apiVersion", "v1"}, {"kind", "Endpoints"}, {"metadata", {{"name", name.name}, {"namespace", name.ns}}}};
    fill_in(object);
    (void)store_.create(kEndpoints, std::move(object));
    return;
  }
  const Json* before = field_at(*known, {"subsets"});
  const Json* labels = field_at(*known, {"metadata", "labels"});
  const Json wanted = labels_of(service);
  if ((before ? *before : Json::array()) == subsets && (labels ? *labels : Json::object()) == wanted) return;
  (void)store_.update(kEndpoints, name, Part::kAll, [&](Json& object) -> base::Result<> {
    fill_in(object);
    return {};
  });
}

std::vector<ObjectPtr> EndpointsController::slices_of(const ObjectName& service) const {
  std::vector<ObjectPtr> slices;
  for (const ObjectPtr& slice : store_.list(kSlices, service.ns)) {
    if (text_at(*slice, {"metadata", "labels", kServiceName}) == service.name && is_kept_here(*slice)) {
      slices.push_back(slice);
    }
  }
  return slices;
}

Json EndpointsController::new_slice(const Json& service, const Json& ports) const {
  const ObjectName name = name_of(service);
  return {{"apiVersion", "discovery.k8s.io/v1"},
          {"kind", "EndpointSlice"},
          {"metadata",
           {{"generateName", name.name + "-"},
            {"namespace", name.ns},
            {"labels", slice_labels(service)},
            {"ownerReferences", Json::array({controller_reference(service, "v1", "Service")})}}},
          {"addressType", "IPv4"},
          {"endpoints", Json::array()},
          {"ports", ports}};
}

void EndpointsController::write_slices(const Json& service, std::vector<EndpointGroup> groups) {
  for (EndpointGroup& group : groups) {
    if (!options_.terminating_in_slices) std::erase_if(group.targets, [](const auto& t) { return t.terminating; });
    for (EndpointTarget& target : group.targets) {
      const Node* node = nodes_.find(target.node);
      if (node) target.zone = node->zone;
    }
  }
  std::erase_if(groups, [](const EndpointGroup& group) { return group.targets.empty(); });
  const std::vector<ObjectPtr> slices = slices_of(name_of(service));
  // A Service without pods has one empty slice.
  if (groups.empty()) {
    if (slices.empty()) (void)store_.create(kSlices, new_slice(service, Json::array()));
    for (std::size_t i = 0; i < slices.size(); ++i) {
      if (i == 0)
        write_slice(service, slices[i], Json::array());
      else
        (void)store_.remove(kSlices, name_of(*slices[i]), {});
    }
    return;
  }
  std::set<std::string> kept;
  for (const EndpointGroup& group : groups) {
    std::vector<ObjectPtr> same;
    for (const ObjectPtr& slice : slices) {
      const Json* ports = field_at(*slice, {"ports"});
      const bool empty = at_path(*slice, {"endpoints"}).empty() && !kept.contains(name_of(*slice).name);
      if (!empty && (!ports || *ports != group.ports)) continue;
      same.push_back(slice);
      kept.insert(name_of(*slice).name);
    }
    fill(service, group, same);
  }
  for (const ObjectPtr& slice : slices) {
    if (!kept.contains(name_of(*slice).name)) (void)store_.remove(kSlices, name_of(*slice), {});
  }
}

void EndpointsController::fill(const Json& service, const EndpointGroup& group, const std::vector<ObjectPtr>& slices) {
  std::map<std::string, const EndpointTarget*> missing;  // by uid
  for (const EndpointTarget& target : group.targets) missing[target.uid] = &target;
  std::vector<Json> contents;
  for (const ObjectPtr& slice : slices) {
    Json& endpoints = contents.emplace_back(Json::array());
    for (const Json& endpoint : at_path(*slice, {"endpoints"})) {
      const auto found = missing.find(text_at(endpoint, {"targetRef", "uid"}));
      if (found == missing.end()) continue;
      endpoints.push_back(slice_endpoint(*found->second));
      missing.erase(found);
    }
  }
  // In the order of the pods' names, into the slices that there are, then into new ones.
  std::size_t at = 0;
  for (const EndpointTarget& target : group.targets) {
    if (!missing.contains(target.uid)) continue;
    while (at < contents.size() && contents[at].size() >= options_.slice_size) ++at;
    if (at == contents.size()) contents.emplace_back(Json::array());
    contents[at].push_back(slice_endpoint(target));
  }
  const Json labels = slice_labels(service);
  for (std::size_t i = 0; i < contents.size(); ++i) {
    if (i >= slices.size()) {
      Json slice = new_slice(service, group.ports);
      slice["endpoints"] = std::move(contents[i]);
      (void)store_.create(kSlices, std::move(slice));
    } else if (contents[i].empty() && contents.size() > 1) {
      (void)store_.remove(kSlices, name_of(*slices[i]), {});
    } else {
      // Of many slices a pod that changes changes one.
      const Json& known = *slices[i];
      if (at_path(known, {"ports"}) == group.ports && at_path(known, {"endpoints"}) == contents[i] &&
          at_path(known, {"metadata", "labels"}) == labels) {
        continue;
      }
      (void)store_.update(kSlices, name_of(known), Part::kAll, [&](Json& object) -> base::Result<> {
        object["ports"] = group.ports;
        object["endpoints"] = std::move(contents[i]);
        object_in(object, "metadata")["labels"] = labels;
        return {};
      });
    }
  }
}

void EndpointsController::write_slice(const Json& service, const ObjectPtr& slice, Json endpoints) {
  (void)store_.update(kSlices, name_of(*slice), Part::kAll, [&](Json& object) -> base::Result<> {
    object["endpoints"] = std::move(endpoints);
    object_in(object, "metadata")["labels"] = slice_labels(service);
    return {};
  });
}

}  // namespace fakeapi
