#include "fake-apiserver/api/conversion.h"

#include "fake-apiserver/kinds/autoscaler_conversion.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

constexpr const char* kHostName = "kubernetes.io/hostname";
constexpr const char* kZone = "topology.kubernetes.io/zone";

// The fields of a core event, and what events.k8s.io calls them.
struct EventField {
  const char* core;
  const char* events;
};
constexpr EventField kEventFields[] = {{"involvedObject", "regarding"},
                                       {"message", "note"},
                                       {"reportingComponent", "reportingController"},
                                       {"source", "deprecatedSource"},
                                       {"firstTimestamp", "deprecatedFirstTimestamp"},
                                       {"lastTimestamp", "deprecatedLastTimestamp"},
                                       {"count", "deprecatedCount"}};

void rename_field(Json& object, const char* from, const char* to) {
  const auto found = object.find(from);
  if (found == object.end()) return;
  Json value = std::move(*found);
  object.erase(found);
  object[to] = std::move(value);
}

// discovery.k8s.io/v1beta1 knows the node's name and zone among other labels.
void slice_to_v1beta1(Json& object) {
  if (!member(object, "endpoints").is_array()) return;
  for (Json& endpoint : object["endpoints"]) {
    if (!endpoint.is_object()) continue;
    rename_field(endpoint, "deprecatedTopology", "topology");
    const Json node = member(endpoint, "nodeName");
    const Json zone = member(endpoint, "zone");
    if (!node.is_null()) endpoint["topology"][kHostName] = node;
    if (!zone.is_null()) endpoint["topology"][kZone] = zone;
    endpoint.erase("zone");
  }
}

void slice_from_v1beta1(Json& object) {
  if (!member(object, "endpoints").is_array()) return;
  for (Json& endpoint : object["endpoints"]) {
    if (!member(endpoint, "topology").is_object()) continue;
    Json& topology = endpoint["topology"];
    const Json node = member(topology, kHostName);
    const Json zone = member(topology, kZone);
    for (const char* key : {kHostName, kZone}) topology.erase(key);
    if (topology.empty()) {
      endpoint.erase("topology");
    } else {
      rename_field(endpoint, "topology", "deprecatedTopology");
    }
    if (!node.is_null() && member(endpoint, "nodeName").is_null()) endpoint["nodeName"] = node;
    if (!zone.is_null()) endpoint["zone"] = zone;
  }
}

bool is_autoscaler(const ResourceInfo& info) { return info.resource.plural == "horizontalpodautoscalers"; }
bool is_slice(const ResourceInfo& info) { return info.resource.plural == "endpointslices"; }
bool is_aliased_event(const ResourceInfo& info) { return info.alias_group == "events.k8s.io"; }

}  // namespace

ObjectPtr to_version(const ObjectPtr& object, const ResourceInfo& info, const std::string& version) {
  const std::string api_version = info.api_version(version);
  if (text_at(*object, {"apiVersion"}) == api_version && text_at(*object, {"kind"}) == info.kind) return object;
  auto converted = std::make_shared<Json>(*object);
  (*converted)["apiVersion"] = api_version;
  (*converted)["kind"] = info.kind;
  if (is_autoscaler(info) && version == "v1") autoscaler_to_v1(*converted);
  if (is_slice(info) && version == "v1beta1") slice_to_v1beta1(*converted);
  if (is_aliased_event(info)) {
    for (const EventField& field : kEventFields) rename_field(*converted, field.core, field.events);
  }
  return converted;
}

void to_stored(Json& object, const ResourceInfo& info, const std::string& version) {
  object["apiVersion"] = info.stored_api_version();
  object["kind"] = info.kind;
  if (is_autoscaler(info) && version == "v1") autoscaler_from_v1(object);
  if (is_slice(info) && version == "v1beta1") slice_from_v1beta1(object);
  if (is_aliased_event(info)) {
    for (const EventField& field : kEventFields) rename_field(object, field.events, field.core);
  }
}

}  // namespace fakeapi
