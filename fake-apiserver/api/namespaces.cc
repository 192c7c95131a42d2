#include "fake-apiserver/api/namespaces.h"

#include <utility>
#include <vector>

#include "fake-apiserver/api/defaults.h"
#include "fake-apiserver/api/pod_grace.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

const Resource kNamespaces{"", "namespaces"};
const Resource kEvents{"", "events"};
const Resource kPods{"", "pods"};
// Keeps the object until its content has gone.
constexpr const char* kFinalizer = "kubernetes";
// From a change in a namespace that is being deleted to the controller's reaction.
constexpr base::Duration kReaction = std::chrono::milliseconds(20);

bool is_immortal(const std::string& ns) { return ns == "default" || ns == "kube-system" || ns == "kube-public"; }

bool is_terminating(const Json& object) { return is_being_deleted(object); }

Json named(const char* api_version, const char* kind, const std::string& ns, const char* name) {
  return {{"apiVersion", api_version}, {"kind", kind}, {"metadata", {{"name", name}, {"namespace", ns}}}};
}

std::string listed(const std::map<std::string, int>& counts, const char* verb) {
  std::string text;
  for (const auto& [what, count] : counts) {
    text += (text.empty() ? "" : ", ") + what + verb + std::to_string(count) + " resource instances";
  }
  return text;
}

}  // namespace

Namespaces::Namespaces(ObjectStore& store, const ResourceRegistry& registry)
    : store_(store), registry_(registry), timers_(store.clock()) {
  subscription_ = store_.subscribe_all([this](const StoreEvent& event) { on_event(event); });
  for (const char* name : {"default", "kube-node-lease", "kube-public", "kube-system"}) {
    Json object = {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", name}}}};
    apply_defaults(kNamespaces, object);
    set_initial_status(kNamespaces, object);
    (void)store_.create(kNamespaces, std::move(object));
  }
}

Namespaces::~Namespaces() { store_.unsubscribe(subscription_); }

ApiResult<> Namespaces::check_open(const std::string& ns, const ResourceInfo& info, const std::string& object) const {
  const ObjectPtr found = store_.find(kNamespaces, {"", ns});
  if (!found) return not_found(kNamespaces, ns);
  if (!is_terminating(*found)) return {};
  StatusError error = forbidden(info.resource, object,
                                "unable to create new content in namespace " + ns + " because it is being terminated");
  error.details["causes"] = Json::array({{{"reason", "NamespaceTerminating"},
                                          {"message", "namespace " + ns + " is being terminated"},
                                          {"field", "metadata.namespace"}}});
  return error;
}

ApiResult<ObjectPtr> Namespaces::terminate(const std::string& ns, bool dry_run) {
  if (is_immortal(ns)) return forbidden(kNamespaces, ns, "this namespace may not be deleted");
  const ObjectName name{"", ns};
  const ObjectPtr before = store_.find(kNamespaces, name);
  if (!before) return not_found(kNamespaces, ns);
  if (is_terminating(*before)) {
    return conflict(kNamespaces, ns,
                    "The system is ensuring all content is removed from this namespace.  Upon completion, this "
                    "namespace will automatically be purged by the system.");
  }
  const auto remove = [&] {
    return store_.remove(kNamespaces, name, {}, std::nullopt, [](Json& object) -> base::Result<> {
      object_in(object, "status")["phase"] = "Terminating";
      // One that was stored without it is emptied first all the same.
      if (!field_at(object, {"spec", "finalizers"}))
        object_in(object, "spec")["finalizers"] = Json::array({kFinalizer});
      return {};
    });
  };
  const auto removed = dry_run ? store_.rehearse(remove) : remove();
  if (!removed) return from_store(removed.error(), kNamespaces, ns);
  return *removed;
}

void Namespaces::on_event(const StoreEvent& event) {
  const ObjectName name = name_of(*event.object);
  if (event.resource == kNamespaces) {
    if (event.type == EventType::kDeleted) {
      planned_.erase(name.name);
    } else if (!is_terminating(*event.object)) {
      if (event.type == EventType::kAdded) furnish(name.name);
    } else if (!event.previous || !is_terminating(*event.previous)) {
      plan(name.name);
    }
    return;
  }
  if (name.ns.empty() || event.resource == kEvents || planned_.contains(name.ns)) return;
  const ObjectPtr ns = store_.find(kNamespaces, {"", name.ns});
  if (ns && is_terminating(*ns)) plan(name.ns);
}

// What clients and operators wait for in a new namespace.
void Namespaces::furnish(const std::string& ns) {
  (void)store_.create({"", "serviceaccounts"}, named("v1", "ServiceAccount", ns, "default"));
  Json certificates = named("v1", "ConfigMap", ns, "kube-root-ca.crt");
  certificates["data"] = {{"ca.crt", ""}};
  (void)store_.create({"", "configmaps"}, std::move(certificates));
}

void Namespaces::plan(const std::string& ns) {
  if (!collecting_ || !planned_.insert(ns).second) return;
  timers_.call_after(kReaction, [this, ns] {
    planned_.erase(ns);
    collect(ns);
  });
}

void Namespaces::collect(const std::string& ns) {
  const ObjectPtr object = store_.find(kNamespaces, {"", ns});
  if (!object || !is_terminating(*object)) return;
  planned_.insert(ns);  // what this itself removes is no reason to come back
  remove_content(ns);
  planned_.erase(ns);
  const Remains remains = remains_of(ns);
  write_conditions(ns, remains);
  if (!remains.resources.empty()) return;
  // Controllers go on reporting to the end.
  for (const ObjectPtr& event : store_.list(kEvents, ns)) (void)store_.remove(kEvents, name_of(*event), {});
  (void)store_.update(kNamespaces, {"", ns}, Part::kAll, [](Json& stored) -> base::Result<> {
    Json kept = Json::array();
    if (const Json* finalizers = field_at(stored, {"spec", "finalizers"}); finalizers && finalizers->is_array()) {
      for (const Json& finalizer : *finalizers) {
        if (finalizer != kFinalizer) kept.push_back(finalizer);
      }
    }
    Json& spec = object_in(stored, "spec");
    if (kept.empty()) {
      spec.erase("finalizers");
    } else {
      spec["finalizers"] = std::move(kept);
    }
    return {};
  });
}

void Namespaces::remove_content(const std::string& ns) {
  for (const ResourceInfo& info : registry_.all()) {
    if (!info.namespaced || info.resource == kEvents) continue;
    for (const ObjectPtr& object : store_.list(info.resource, ns)) {
      if (is_being_deleted(*object)) continue;
      std::optional<base::Duration> grace;
      if (info.resource == kPods) grace = pod_grace(*object);
      (void)store_.remove(info.resource, name_of(*object), {}, grace);
    }
  }
}

Namespaces::Remains Namespaces::remains_of(const std::string& ns) const {
  Remains remains;
  for (const ResourceInfo& info : registry_.all()) {
    if (!info.namespaced || info.resource == kEvents) continue;
    for (const ObjectPtr& object : store_.list(info.resource, ns)) {
      ++remains.resources[info.resource.plural + "." + info.resource.group];
      const Json* finalizers = field_at(*object, {"metadata", "finalizers"});
      if (!finalizers || !finalizers->is_array()) continue;
      for (const Json& finalizer : *finalizers) ++remains.finalizers[text_of(finalizer)];
    }
  }
  return remains;
}

void Namespaces::write_conditions(const std::string& ns, const Remains& remains) {
  const bool content = !remains.resources.empty();
  const bool finalizers = !remains.finalizers.empty();
  const std::vector<Condition> conditions = {
      {"NamespaceDeletionDiscoveryFailure", "False", "ResourcesDiscovered", "All resources successfully discovered"},
      {"NamespaceDeletionGroupVersionParsingFailure", "False", "ParsedGroupVersions",
       "All legacy kube types successfully parsed"},
      {"NamespaceDeletionContentFailure", "False", "ContentDeleted",
       "All content successfully deleted, may be waiting on finalization"},
      {"NamespaceContentRemaining", content ? "True" : "False", content ? "SomeResourcesRemain" : "ContentRemoved",
       content ? "Some resources are remaining: " + listed(remains.resources, " has ")
               : "All content successfully removed"},
      {"NamespaceFinalizersRemaining", finalizers ? "True" : "False",
       finalizers ? "SomeFinalizersRemain" : "ContentHasNoFinalizers",
       finalizers ? "Some content in the namespace has finalizers remaining: " + listed(remains.finalizers, " in ")
                  : "All content-preserving finalizers finished"}};
  (void)store_.update(kNamespaces, {"", ns}, Part::kStatus, [&](Json& object) -> base::Result<> {
    for (const Condition& condition : conditions) {
      set_condition(object_in(object, "status"), condition, store_.clock().now());
    }
    return {};
  });
}

}  // namespace fakeapi
