#include "fake-apiserver/custom/api_services.h"

#include <algorithm>
#include <set>

#include "common/base/time_format.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

const Resource kServices{"apiregistration.k8s.io", "apiservices"};
constexpr const char* kAuthentication = "extension-apiserver-authentication";
constexpr const char* kManaged = "kube-aggregator.kubernetes.io/automanaged";

// As kubectl api-versions orders the groups of a real server.
int priority_of(const std::string& group, bool custom) {
  constexpr std::pair<const char*, int> kPriorities[] = {
      {"", 18000},
      {"apps", 17800},
      {"events.k8s.io", 17750},
      {"authentication.k8s.io", 17700},
      {"authorization.k8s.io", 17600},
      {"autoscaling", 17500},
      {"batch", 17400},
      {"networking.k8s.io", 17200},
      {"policy", 17100},
      {"rbac.authorization.k8s.io", 17000},
      {"storage.k8s.io", 16800},
      {"apiextensions.k8s.io", 16700},
      {"admissionregistration.k8s.io", 16700},
      {"scheduling.k8s.io", 16600},
      {"coordination.k8s.io", 16500},
      {"node.k8s.io", 16300},
      {"discovery.k8s.io", 16200},
  };
  if (custom) return 1000;
  const auto found = std::find_if(std::begin(kPriorities), std::end(kPriorities),
                                  [&](const auto& entry) { return group == entry.first; });
  return found == std::end(kPriorities) ? 16000 : found->second;
}

Json service_of(const std::string& group, const std::string& version, bool custom, int version_priority) {
  Json spec = {{"version", version},
               {"groupPriorityMinimum", priority_of(group, custom)},
               {"versionPriority", custom ? 100 : version_priority}};
  if (!group.empty()) spec["group"] = group;
  return {{"apiVersion", "apiregistration.k8s.io/v1"},
          {"kind", "APIService"},
          {"metadata", {{"name", version + "." + group}, {"labels", {{kManaged, custom ? "true" : "onstart"}}}}},
          {"spec", spec}};
}

}  // namespace

ApiServices::ApiServices(ObjectStore& store, const ResourceRegistry& registry)
    : store_(store), registry_(registry), subscription_(store.subscribe(kServices, [this](const StoreEvent& event) {
        const bool kept = text_at(*event.object, {"metadata", "labels", kManaged}) == "true";
        if (event.type == EventType::kDeleted && kept) update();
      })) {}

ApiServices::~ApiServices() { store_.unsubscribe(subscription_); }

void ApiServices::start() {
  started_ = true;
  update();
}

void ApiServices::update() {
  if (!started_) return;
  std::set<std::string> served;
  const auto enter = [&](const std::string& group, const std::string& version, bool custom, int version_priority) {
    const std::string name = version + "." + group;
    served.insert(name);
    if (store_.find(kServices, {"", name})) return;
    (void)store_.create(kServices, service_of(group, version, custom, version_priority));
  };
  enter("", "v1", false, 1);
  for (const ApiGroup& group : registry_.groups()) {
    const bool custom = std::any_of(registry_.all().begin(), registry_.all().end(), [&](const ResourceInfo& info) {
      return info.resource.group == group.name && info.custom;
    });
    int version_priority = 15;
    for (const std::string& version : group.versions) enter(group.name, version, custom, version_priority--);
  }
  for (const ObjectPtr& object : store_.list(kServices)) {
    const std::string name = text_at(*object, {"metadata", "name"});
    const bool ours = at_path(*object, {"metadata", "labels", kManaged}).is_string();
    if (ours && !served.contains(name)) (void)store_.remove(kServices, {"", name}, {});
  }
}

void set_available(Json& object, bool available, const std::string& reason, const std::string& message,
                   base::Time now) {
  const char* status = available ? "True" : "False";
  Json condition = {{"type", "Available"}, {"status", status}, {"reason", reason}, {"message", message}};
  const Json& conditions = at_path(object, {"status", "conditions"});
  const bool same = conditions.is_array() && !conditions.empty() && text_at(conditions[0], {"status"}) == status;
  condition["lastTransitionTime"] =
      same ? conditions[0].value("lastTransitionTime", Json()) : Json(base::format_rfc3339(now));
  object["status"]["conditions"] = Json::array({condition});
}

void renew_authentication(ObjectStore& store, const std::string& ca) {
  const ObjectName name{"kube-system", kAuthentication};
  const ObjectPtr map = store.find({"", "configmaps"}, name);
  if (!map || text_at(*map, {"data", "client-ca-file"}) == ca) return;
  (void)store.update({"", "configmaps"}, name, Part::kAll, [&](Json& object) -> base::Result<> {
    for (const char* key : {"client-ca-file", "requestheader-client-ca-file"}) {
      object["data"].erase(key);
      if (!ca.empty()) object["data"][key] = ca;
    }
    return {};
  });
}

void publish_authentication(ObjectStore& store, const std::string& ca) {
  Json map = {{"apiVersion", "v1"},
              {"kind", "ConfigMap"},
              {"metadata", {{"name", kAuthentication}, {"namespace", "kube-system"}}}};
  map["data"] = {{"client-ca-file", ca},
                 {"requestheader-client-ca-file", ca},
                 {"requestheader-allowed-names", "[\"front-proxy-client\"]"},
                 {"requestheader-extra-headers-prefix", "[\"X-Remote-Extra-\"]"},
                 {"requestheader-group-headers", "[\"X-Remote-Group\"]"},
                 {"requestheader-username-headers", "[\"X-Remote-User\"]"}};
  (void)store.create({"", "configmaps"}, std::move(map));
  Json role = {{"apiVersion", "rbac.authorization.k8s.io/v1"},
               {"kind", "Role"},
               {"metadata", {{"name", std::string(kAuthentication) + "-reader"}, {"namespace", "kube-system"}}}};
  role["rules"] = Json::array({{{"apiGroups", {""}},
                                {"resources", {"configmaps"}},
                                {"resourceNames", {kAuthentication}},
                                {"verbs", {"get", "list", "watch"}}}});
  (void)store.create({"rbac.authorization.k8s.io", "roles"}, std::move(role));
}

}  // namespace fakeapi
