#include "fake-apiserver/api/namespaces.h"

#include "fake-apiserver/api/defaults.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

const Resource kNamespaces{"", "namespaces"};
const Resource kEvents{"", "events"};
// Keeps the object until its content has gone.
constexpr const char* kFinalizer = "kubernetes";

bool is_terminating(const Json& object) { return at_path(object, {"metadata", "deletionTimestamp"}).is_string(); }

Json named(const char* api_version, const char* kind, const std::string& ns, const char* name) {
  return {{"apiVersion", api_version}, {"kind", kind}, {"metadata", {{"name", name}, {"namespace", ns}}}};
}

}  // namespace

Namespaces::Namespaces(ObjectStore& store, const ResourceRegistry& registry) : store_(store), registry_(registry) {
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

ApiResult<ObjectPtr> Namespaces::terminate(const std::string& ns, const Preconditions& preconditions,
                                           const Remover& remove) {
  const ObjectName name{"", ns};
  const auto allowed = store_.rehearse([&] { return store_.remove(kNamespaces, name, preconditions); });
  if (!allowed) return from_store(allowed.error(), kNamespaces, ns);
  const auto marked = store_.update(kNamespaces, name, Part::kAll, [](Json& object) -> base::Result<> {
    if (is_terminating(object)) return {};
    object["metadata"]["finalizers"] = Json::array({kFinalizer});
    object["status"] = {{"phase", "Terminating"}};
    return {};
  });
  const auto result = store_.remove(kNamespaces, name, {});
  if (!marked || !result) return from_store(marked ? result.error() : marked.error(), kNamespaces, ns);
  // Owners stand behind what they own in the registry's core group; removing them first keeps them from replacing it.
  for (auto info = registry_.all().rbegin(); info != registry_.all().rend(); ++info) {
    if (!info->namespaced) continue;
    for (const ObjectPtr& object : store_.list(info->resource, ns)) remove(*info, name_of(*object));
  }
  finish_if_empty(ns);
  return *result;
}

void Namespaces::on_event(const StoreEvent& event) {
  if (event.resource == kNamespaces) {
    if (event.type == EventType::kAdded) furnish(name_of(*event.object).name);
  } else if (event.type == EventType::kDeleted) {
    finish_if_empty(name_of(*event.object).ns);
  }
}

// What clients and operators wait for in a new namespace.
void Namespaces::furnish(const std::string& ns) {
  (void)store_.create({"", "serviceaccounts"}, named("v1", "ServiceAccount", ns, "default"));
  Json certificates = named("v1", "ConfigMap", ns, "kube-root-ca.crt");
  certificates["data"] = {{"ca.crt", ""}};
  (void)store_.create({"", "configmaps"}, std::move(certificates));
}

void Namespaces::finish_if_empty(const std::string& ns) {
  const ObjectPtr object = ns.empty() ? nullptr : store_.find(kNamespaces, {"", ns});
  if (!object || !is_terminating(*object)) return;
  for (const ResourceInfo& info : registry_.all()) {
    if (info.namespaced && info.resource != kEvents && !store_.list(info.resource, ns).empty()) return;
  }
  // Controllers go on reporting to the end.
  for (const ObjectPtr& event : store_.list(kEvents, ns)) (void)store_.remove(kEvents, name_of(*event), {});
  (void)store_.update(kNamespaces, {"", ns}, Part::kAll, [](Json& stored) -> base::Result<> {
    stored["metadata"].erase("finalizers");
    return {};
  });
}

}  // namespace fakeapi
