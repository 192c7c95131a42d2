#include "fake-apiserver/api/writer.h"

#include "common/base/time_format.h"
#include "fake-apiserver/api/conversion.h"
#include "fake-apiserver/api/defaults.h"
#include "fake-apiserver/api/managed_fields.h"
#include "fake-apiserver/api/object_body.h"
#include "fake-apiserver/api/patch.h"
#include "fake-apiserver/api/scale.h"
#include "fake-apiserver/api/validation.h"
#include "fake-apiserver/kinds/admission.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

const Resource kServices{"", "services"};
const Resource kNamespaceResource{"", "namespaces"};

// A PUT of something that is not there creates it, for these only.
bool put_creates(const ResourceInfo& info) {
  const std::string& plural = info.resource.plural;
  return plural == "leases" || plural == "events" || plural == "endpoints" || plural == "services" ||
         plural == "limitranges" || info.resource.group == "rbac.authorization.k8s.io";
}

// A replacement that does not name the address keeps it.
void keep_cluster_ip(const Json& before, Json& service) {
  if (!member(service, "spec").is_object()) return;
  for (const char* key : {"clusterIP", "clusterIPs"}) {
    const Json& address = at_path(before, {"spec", key});
    if (member(service["spec"], key).is_null() && !address.is_null()) service["spec"][key] = address;
  }
}

}  // namespace

ApiResult<http::Reply> Writer::write(const ApiRequest& request) {
  const std::string& method = request.http.method;
  const bool collection = request.name.empty();
  if (Subresources::serves(request)) return subresources_.answer(request);
  const auto view = request.view(method == "DELETE" && collection);
  if (!view) return view.error();
  if (method == "POST") {
    return collection ? create(request) : method_not_allowed();
  }
  if (method == "DELETE" && request.subresource.empty()) {
    return collection ? deleter_.remove_collection(request) : deleter_.remove(request);
  }
  if (collection) return method_not_allowed();
  if (method == "PUT") return update(request);
  if (method == "PATCH") return patch(request);
  return method_not_allowed();
}

ApiResult<> Writer::prepare(const ApiRequest& request, Json& object, const Json* before) const {
  const ResourceInfo& info = *request.info;
  if (auto wrong = check_shape(info, request.version, object)) return *wrong;
  if (object.find("metadata") == object.end() || object["metadata"].is_null()) object["metadata"] = Json::object();
  Json& metadata = object["metadata"];
  const std::string ns = text_at(metadata, {"namespace"});
  if (!ns.empty() && ns != request.ns) {
    return bad_request("the namespace of the provided object does not match the namespace sent on the request");
  }
  if (info.namespaced) metadata["namespace"] = request.ns;
  const std::string name = text_at(metadata, {"name"});
  if (!request.name.empty() && !name.empty() && name != request.name) {
    return bad_request("the name of the object (" + name + ") does not match the name on the URL (" + request.name +
                       ")");
  }
  if (!request.name.empty()) metadata["name"] = request.name;
  to_stored(object, info, request.version);
  if (request.subresource == "status") return {};
  if (before && info.resource == kServices) keep_cluster_ip(*before, object);
  if (metadata.contains("name") || info.resource != kNamespaceResource) apply_defaults(info.resource, object);
  if (before && request.subresource == "ephemeralcontainers") return admit_ephemeral_containers(*before, object);
  if (auto admitted = admit_object(store_, info, object, before); !admitted) return admitted;
  if (auto wrong = check_values(info, object, before)) return *wrong;
  if (info.resource == kServices) {
    if (auto allocated = allocate_addresses(store_, object, before); !allocated) return allocated;
  }
  return {};
}

ApiResult<http::Reply> Writer::create(const ApiRequest& request) {
  const ResourceInfo& info = *request.info;
  if (info.namespaced && request.ns.empty()) return method_not_allowed();
  auto object = read_object(request);
  if (!object) return object.error();
  const auto dry_run = request.dry_run();
  if (!dry_run) return dry_run.error();
  if (auto prepared = prepare(request, *object, nullptr); !prepared) return prepared.error();
  const std::string name = text_at(*object, {"metadata", "name"});
  if (!text_at(*object, {"metadata", "resourceVersion"}).empty()) {
    StatusError error = internal_error("resourceVersion should not be set on objects to be created");
    error.reason.clear();
    return error;
  }
  if (info.namespaced) {
    if (auto open = namespaces_.check_open(request.ns, info, name); !open) return open.error();
  }
  if (info.has_subresource("status")) set_initial_status(info.resource, *object);
  if (info.resource == kServices && text_at(*object, {"spec", "type"}) != "ExternalName" &&
      text_at(*object, {"spec", "clusterIP"}).empty()) {
    const std::string address = free_cluster_ip();
    (*object)["spec"]["clusterIP"] = address;
    (*object)["spec"]["clusterIPs"] = Json::array({address});
  }
  const auto store = [&] { return store_.create(info.resource, std::move(*object)); };
  const auto created = *dry_run ? store_.rehearse(store) : store();
  if (!created) return from_store(created.error(), info.resource, name);
  return answer(request, store_.clock().now(), 201, *created);
}

ApiResult<ObjectPtr> Writer::change(const ApiRequest& request, const Change& change, bool dry_run) {
  const ResourceInfo& info = *request.info;
  Part part = info.has_subresource("status") ? Part::kSpec : Part::kAll;
  if (request.subresource == "status") part = Part::kStatus;
  std::optional<StatusError> refused;
  const auto write = [&] {
    return store_.update(info.resource, request.object_name(), part, [&](Json& object) -> base::Result<> {
      const std::string uid = text_at(object, {"metadata", "uid"});
      const Json before = part == Part::kStatus ? Json() : object;
      auto changed = change(object);
      if (changed && part != Part::kStatus) record_writer(before, object, field_writer(request));
      if (changed) {
        const std::string wanted = text_at(object, {"metadata", "uid"});
        if (wanted.empty() || wanted == uid) return {};
        changed = conflict(info.resource, request.name,
                           "Precondition failed: UID in precondition: " + wanted + ", UID in object meta: " + uid);
      }
      refused = changed.error();
      return base::Error{base::ErrorCode::kInvalid, refused->message};
    });
  };
  const auto result = dry_run ? store_.rehearse(write) : write();
  if (refused) return *refused;
  if (!result) return from_store(result.error(), info.resource, request.name);
  return *result;
}

FieldWriter Writer::field_writer(const ApiRequest& request) const {
  FieldWriter writer;
  writer.manager =
      manager_of(request.target.get("fieldManager").value_or(""), std::string(request.header("User-Agent")));
  writer.api_version = request.info->api_version(request.version);
  writer.subresource = request.subresource;
  writer.time = base::format_rfc3339(store_.clock().now());
  return writer;
}

ApiResult<http::Reply> Writer::update(const ApiRequest& request) {
  auto body = read_object(request);
  if (!body) return body.error();
  if (request.subresource == "scale") return update_scale(request, std::move(*body));
  const auto dry_run = request.dry_run();
  if (!dry_run) return dry_run.error();
  const ResourceInfo& info = *request.info;
  if (!store_.find(info.resource, request.object_name()) && put_creates(info)) {
    ApiRequest creation = request;
    creation.name.clear();
    return create(creation);
  }
  if (info.custom && text_at(*body, {"metadata", "resourceVersion"}).empty()) {
    return invalid_object(info.resource.group, info.kind, request.name,
                          {FieldError{"metadata.resourceVersion", "FieldValueInvalid",
                                      "Invalid value: 0x0: must be specified for an update"}});
  }
  const auto updated = change(
      request,
      [&](Json& object) -> ApiResult<> {
        Json next = std::move(*body);
        if (auto prepared = prepare(request, next, &object); !prepared) return prepared;
        object = std::move(next);
        return {};
      },
      *dry_run);
  if (!updated) return updated.error();
  return answer(request, store_.clock().now(), 200, *updated);
}

ApiResult<http::Reply> Writer::patch(const ApiRequest& request) {
  const ResourceInfo& info = *request.info;
  const auto patch = parse_patch(request.http.body, request.header("Content-Type"), info.custom);
  if (!patch) return patch.error();
  const auto dry_run = request.dry_run();
  if (!dry_run) return dry_run.error();
  const ObjectPtr before = store_.find(info.resource, request.object_name());
  if (!before) return not_found(info.resource, request.name);
  if (request.subresource == "scale") {
    Json scale = scale_of(*before);
    if (auto applied = apply_patch(scale, *patch, "Scale"); !applied) return applied.error();
    return update_scale(request, std::move(scale));
  }
  const auto patched = change(
      request,
      [&](Json& object) -> ApiResult<> {
        Json next = *to_version(before, info, request.version);
        if (auto applied = apply_patch(next, *patch, info.kind); !applied) return applied;
        if (auto prepared = prepare(request, next, &object); !prepared) return prepared;
        object = std::move(next);
        return {};
      },
      *dry_run);
  if (!patched) return patched.error();
  return answer(request, store_.clock().now(), 200, *patched);
}

ApiResult<http::Reply> Writer::update_scale(const ApiRequest& request, Json scale) {
  const auto dry_run = request.dry_run();
  if (!dry_run) return dry_run.error();
  const auto scaled = change(
      request, [&](Json& object) { return apply_scale(object, scale); }, *dry_run);
  if (!scaled) return scaled.error();
  return http::Reply(http::json_response(200, to_text(scale_of(**scaled)) + "\n"));
}

}  // namespace fakeapi
