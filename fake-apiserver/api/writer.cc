#include "fake-apiserver/api/writer.h"

#include "common/base/time_format.h"
#include "fake-apiserver/api/body.h"
#include "fake-apiserver/api/conversion.h"
#include "fake-apiserver/api/defaults.h"
#include "fake-apiserver/api/managed_fields.h"
#include "fake-apiserver/api/patch.h"
#include "fake-apiserver/api/scale.h"
#include "fake-apiserver/api/validation.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

const Resource kPods{"", "pods"};
const Resource kServices{"", "services"};
const Resource kNamespaceResource{"", "namespaces"};

// A PUT of something that is not there creates it, for these only.
bool put_creates(const ResourceInfo& info) {
  const std::string& plural = info.resource.plural;
  return plural == "leases" || plural == "events" || plural == "endpoints" || plural == "services" ||
         plural == "limitranges" || info.resource.group == "rbac.authorization.k8s.io";
}

ApiResult<Json> read_object(const ApiRequest& request) {
  auto body = parse_body(request.http.body, request.header("Content-Type"));
  if (!body) return body;
  if (!body->is_object()) return bad_request("the body must be an object");
  const bool scale = request.subresource == "scale";
  const std::string expected = scale ? "autoscaling/v1" : request.info->api_version(request.version);
  const std::string kind = text_at(*body, {"kind"});
  const std::string api_version = text_at(*body, {"apiVersion"});
  if (!api_version.empty() && api_version != expected) {
    return bad_request("the API version in the data (" + api_version + ") does not match the expected API version (" +
                       expected + ")");
  }
  const bool binding = request.subresource == "binding";
  const std::string expected_kind = scale ? "Scale" : (binding ? "Binding" : request.info->kind);
  if (!kind.empty() && kind != expected_kind) {
    return bad_request(kind + " in version \"" + request.version + "\" cannot be handled as a " + expected_kind);
  }
  return body;
}

// A pod that runs nowhere, or has ended, has nothing to wait for.
std::optional<base::Duration> default_grace(const ResourceInfo& info, const Json& object) {
  if (info.resource != kPods) return std::nullopt;
  const std::string phase = text_at(object, {"status", "phase"});
  if (text_at(object, {"spec", "nodeName"}).empty() || phase == "Succeeded" || phase == "Failed") return std::nullopt;
  return std::chrono::seconds(integer_at(object, {"spec", "terminationGracePeriodSeconds"}).value_or(30));
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

struct Writer::DeleteOptions {
  std::optional<std::int64_t> grace_seconds;
  std::string finalizer;  // that carries out the propagation policy; empty for Background
  Preconditions preconditions;
  bool dry_run = false;
};

ApiResult<http::Reply> Writer::write(const ApiRequest& request) {
  const std::string& method = request.http.method;
  const bool collection = request.name.empty();
  const auto view = request.view(method == "DELETE" && collection);
  if (!view) return view.error();
  if (method == "POST") {
    if (request.subresource == "binding") return bind(request);
    return collection ? create(request) : method_not_allowed();
  }
  if (request.subresource == "binding") return method_not_allowed();
  if (method == "DELETE" && request.subresource.empty()) {
    return collection ? remove_collection(request) : remove(request);
  }
  if (collection) return method_not_allowed();
  if (method == "PUT") return update(request);
  if (method == "PATCH") return patch(request);
  return method_not_allowed();
}

ApiResult<> Writer::prepare(const ApiRequest& request, Json& object, const Json* before) const {
  const ResourceInfo& info = *request.info;
  if (auto wrong = check_shape(info, object)) return *wrong;
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
  if (auto wrong = check_values(info, object, before)) return *wrong;
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
  return answer(request, 201, *created);
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
  return answer(request, 200, *updated);
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
  return answer(request, 200, *patched);
}

ApiResult<http::Reply> Writer::update_scale(const ApiRequest& request, Json scale) {
  const auto dry_run = request.dry_run();
  if (!dry_run) return dry_run.error();
  const auto scaled = change(
      request, [&](Json& object) { return apply_scale(object, scale); }, *dry_run);
  if (!scaled) return scaled.error();
  return http::Reply(http::json_response(200, to_text(scale_of(**scaled)) + "\n"));
}

// What a scheduler of its own does to place a pod.
ApiResult<http::Reply> Writer::bind(const ApiRequest& request) {
  const auto body = read_object(request);
  if (!body) return body.error();
  const std::string node = text_at(*body, {"target", "name"});
  if (node.empty()) return bad_request("target.name is required");
  const auto bound = store_.update(kPods, request.object_name(), Part::kAll, [&](Json& pod) -> base::Result<> {
    if (!text_at(pod, {"spec", "nodeName"}).empty()) {
      return base::Error{base::ErrorCode::kConflict, "is assigned already"};
    }
    pod["spec"]["nodeName"] = node;
    return {};
  });
  if (!bound && bound.error().code == base::ErrorCode::kConflict) {
    return conflict(kPods, request.name, "pod " + request.name + " is already assigned to a node");
  }
  if (!bound) return from_store(bound.error(), kPods, request.name);
  const Json status = {
      {"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", Json::object()}, {"status", "Success"}, {"code", 201}};
  return http::Reply(http::json_response(201, to_text(status) + "\n"));
}

ApiResult<Writer::DeleteOptions> Writer::delete_options(const ApiRequest& request) {
  Json body = Json::object();
  if (!request.http.body.empty()) {
    auto parsed = parse_body(request.http.body, request.header("Content-Type"));
    if (!parsed) return parsed.error();
    body = std::move(*parsed);
  }
  DeleteOptions options;
  const auto dry_run = request.dry_run(body);
  if (!dry_run) return dry_run.error();
  options.dry_run = *dry_run;
  const auto grace = request.integer("gracePeriodSeconds");
  if (!grace) return grace.error();
  const Json& grace_value = member(body, "gracePeriodSeconds");
  options.grace_seconds = grace_value.is_null() ? *grace : integer_at(body, {"gracePeriodSeconds"});
  if ((!grace_value.is_null() && !options.grace_seconds) || options.grace_seconds.value_or(0) < 0) {
    return bad_request("gracePeriodSeconds must be a number that is not negative");
  }
  std::string policy = text_at(body, {"propagationPolicy"});
  if (policy.empty()) policy = request.target.get("propagationPolicy").value_or("");
  if (policy.empty() && member(body, "orphanDependents") == Json(true)) policy = "Orphan";
  if (policy == "Foreground") options.finalizer = "foregroundDeletion";
  if (policy == "Orphan") options.finalizer = "orphan";
  if (!policy.empty() && options.finalizer.empty() && policy != "Background") {
    return invalid_object(
        "meta.k8s.io", "DeleteOptions", "",
        {FieldError{"propagationPolicy", "FieldValueNotSupported", "Unsupported value: \"" + policy + "\""}});
  }
  const Json& uid = at_path(body, {"preconditions", "uid"});
  const Json& version = at_path(body, {"preconditions", "resourceVersion"});
  if (uid.is_string()) options.preconditions.uid = uid.get<std::string>();
  if (version.is_string()) options.preconditions.resource_version = version.get<std::string>();
  return options;
}

ApiResult<ObjectPtr> Writer::remove_object(const ResourceInfo& info, const ObjectName& name,
                                           const DeleteOptions& options) {
  const ObjectPtr before = store_.find(info.resource, name);
  if (!before) return not_found(info.resource, name.name);
  const std::string uid = text_at(*before, {"metadata", "uid"});
  if (options.preconditions.uid && *options.preconditions.uid != uid) {
    return conflict(info.resource, name.name,
                    "the UID in the precondition (" + *options.preconditions.uid +
                        ") does not match the UID in record (" + uid +
                        "). The object might have been deleted and then "
                        "recreated");
  }
  const std::string version = text_at(*before, {"metadata", "resourceVersion"});
  if (options.preconditions.resource_version && *options.preconditions.resource_version != version) {
    return conflict(info.resource, name.name,
                    "the ResourceVersion in the precondition (" + *options.preconditions.resource_version +
                        ") does not match the ResourceVersion in record (" + version + ")");
  }
  if (info.resource == kNamespaceResource && !options.dry_run) {
    return namespaces_.terminate(name.name, {}, [this](const ResourceInfo& what, const ObjectName& which) {
      (void)remove_object(what, which, DeleteOptions());
    });
  }
  auto grace = default_grace(info, *before);
  if (grace && options.grace_seconds) grace = std::chrono::seconds(*options.grace_seconds);
  const auto remove = [&]() -> base::Result<ObjectPtr> {
    const Json& deletion = at_path(*before, {"metadata", "deletionTimestamp"});
    if (!options.finalizer.empty() && deletion.is_null()) {
      auto marked = store_.update(info.resource, name, Part::kAll, [&](Json& object) -> base::Result<> {
        Json& finalizers = object["metadata"]["finalizers"];
        if (!finalizers.is_array()) finalizers = Json::array();
        finalizers.push_back(options.finalizer);
        return {};
      });
      if (!marked) return marked;
    }
    return store_.remove(info.resource, name, {}, grace);
  };
  auto removed = options.dry_run ? store_.rehearse(remove) : remove();
  if (!removed) return from_store(removed.error(), info.resource, name.name);
  return *removed;
}

ApiResult<http::Reply> Writer::remove(const ApiRequest& request) {
  const auto options = delete_options(request);
  if (!options) return options.error();
  const ResourceInfo& info = *request.info;
  const auto removed = remove_object(info, request.object_name(), *options);
  if (!removed) return removed.error();
  const bool stays = at_path(**removed, {"metadata", "deletionTimestamp"}).is_string() &&
                     store_.find(info.resource, request.object_name());
  if (stays || info.resource == kPods) return answer(request, 200, *removed);
  const Json status = success_status(info.resource, request.name, text_at(**removed, {"metadata", "uid"}));
  return http::Reply(http::json_response(200, to_text(status) + "\n"));
}

ApiResult<http::Reply> Writer::remove_collection(const ApiRequest& request) {
  const auto view = request.view(true);
  if (!view) return view.error();
  const auto selector = request.selector();
  if (!selector) return selector.error();
  const auto options = delete_options(request);
  if (!options) return options.error();
  std::vector<ObjectPtr> removed;
  for (const ObjectPtr& object : store_.list(request.info->resource, request.ns)) {
    if (!selector->matches(*object)) continue;
    auto result = remove_object(*request.info, name_of(*object), *options);
    if (result) removed.push_back(*result);
  }
  ListMetadata metadata;
  metadata.revision = store_.revision();
  return http::Reply(http::json_response(200, render_list(*view, removed, metadata, store_.clock().now()) + "\n"));
}

ApiResult<http::Reply> Writer::answer(const ApiRequest& request, int code, const ObjectPtr& object) const {
  const auto view = request.view(false);
  if (!view) return view.error();
  return http::Reply(http::json_response(code, render_object(*view, object, store_.clock().now()) + "\n"));
}

// The first free address of 10.96.0.0/16, which the first service of a cluster has too.
std::string Writer::free_cluster_ip() const {
  std::map<std::string, bool> taken;
  for (const ObjectPtr& service : store_.list(kServices)) taken[text_at(*service, {"spec", "clusterIP"})] = true;
  for (int host = 1; host < 256 * 255; ++host) {
    std::string address = "10.96." + std::to_string(host / 256) + "." + std::to_string(host % 256);
    if (!taken.contains(address)) return address;
  }
  return "None";
}

}  // namespace fakeapi
