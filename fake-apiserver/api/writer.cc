#include "fake-apiserver/api/writer.h"

#include <algorithm>

#include "fake-apiserver/api/conversion.h"
#include "fake-apiserver/api/defaults.h"
#include "fake-apiserver/api/field_validation.h"
#include "fake-apiserver/api/managed_fields.h"
#include "fake-apiserver/api/object_body.h"
#include "fake-apiserver/api/patch.h"
#include "fake-apiserver/api/scale.h"
#include "fake-apiserver/api/subresource_kinds.h"
#include "fake-apiserver/api/validation.h"
#include "fake-apiserver/custom/custom_definition.h"
#include "fake-apiserver/custom/custom_resource.h"
#include "fake-apiserver/kinds/admission.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

const Resource kServices{"", "services"};
const Resource kNamespaceResource{"", "namespaces"};
const std::vector<std::string> kPlainReplicas{"spec", "replicas"};

// A PUT of something that is not there creates it, for these only.
bool put_creates(const ResourceInfo& info) {
  const std::string& plural = info.resource.plural;
  return plural == "leases" || plural == "events" || plural == "endpoints" || plural == "services" ||
         plural == "limitranges" || plural == "runtimeclasses" || info.resource.group == "rbac.authorization.k8s.io";
}

// The configuration of a workload that says what `scale`, applied, says of its replicas.
ApiResult<Json> whole_of_scale(const ApiRequest& request, const Json& workload, const Json& scale) {
  Json plain = {{"metadata", {{"name", at_path(workload, {"metadata", "name"})}}}};
  if (auto scaled = apply_scale(plain, scale); !scaled) return scaled.error();
  Json whole = {{"apiVersion", member(workload, "apiVersion")}, {"kind", member(workload, "kind")}};
  whole["metadata"] = plain["metadata"];
  if (member(member(scale, "spec"), "replicas").is_null()) return whole;
  const auto& definition = request.info->definition;
  const CustomVersion* version = definition ? definition->version(request.version) : nullptr;
  Json* place = &whole;
  for (const std::string& name : version && version->scale ? version->scale->spec_replicas : kPlainReplicas) {
    place = &(*place)[name];
  }
  *place = plain["spec"]["replicas"];
  return whole;
}

// Whether the resource, or its part, is written so at all; a collection of all namespaces is only for reading.
bool serves_method(const ApiRequest& request) {
  const ResourceInfo& info = *request.info;
  if (info.namespaced && request.ns.empty()) return false;
  const std::vector<std::string> verbs =
      request.subresource.empty() ? info.verbs : subresource_kind(info, request.version, request.subresource).verbs;
  return std::find(verbs.begin(), verbs.end(), verb_of(request)) != verbs.end();
}

// What the server alone says of an object is not for a writer to change, nor to be answerable for.
void keep_system_metadata(const Json& before, Json& object) {
  for (const char* key : {"creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generateName",
                          "generation", "selfLink"}) {
    const Json& stored = at_path(before, {"metadata", key});
    if (stored.is_null()) {
      object["metadata"].erase(key);
    } else {
      object["metadata"][key] = stored;
    }
  }
}

// Part of `object` is written through /status alone, or nothing else is; the rest stays as it was.
void keep_other_part(const ApiRequest& request, const Json& before, Json& object) {
  const Json& status = member(before, "status");
  if (request.subresource == "status") {
    Json next = before;
    if (const Json& written = member(object, "status"); written.is_null()) {
      next.erase("status");
    } else {
      next["status"] = written;
    }
    for (const char* key : {"resourceVersion", "uid"}) next["metadata"][key] = at_path(object, {"metadata", key});
    object = std::move(next);
  } else if (request.info->has_subresource("status")) {
    if (status.is_null()) {
      object.erase("status");
    } else {
      object["status"] = status;
    }
  }
}

}  // namespace

struct Writer::Write {
  FieldWriter writer;
  bool dry_run = false;
  bool force = false;
  bool applies = false;  // the document comes with its managers
};

ApiResult<http::Reply> Writer::write(const ApiRequest& request) {
  const std::string& method = request.http.method;
  const bool collection = request.name.empty();
  if (Subresources::serves(request)) return subresources_.answer(request);
  if (!serves_method(request)) return method_not_allowed();
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

ApiResult<Writer::Write> Writer::options_of(const ApiRequest& request) const {
  auto writer = field_writer(request, store_.clock().now());
  if (!writer) return writer.error();
  const auto dry_run = request.dry_run();
  if (!dry_run) return dry_run.error();
  Write write;
  write.writer = std::move(*writer);
  write.dry_run = *dry_run;
  write.force = request.flag("force");
  return write;
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
  // Before all that looks into the namespace.
  if (!before && info.namespaced) {
    if (auto open = namespaces_.check_open(request.ns, info, text_at(metadata, {"name"})); !open) return open.error();
  }
  to_stored(object, info, request.version);
  if (is_extension(info) && hooks_.prepare_custom) return hooks_.prepare_custom(request, object, before);
  if (request.subresource == "status") return {};
  if (before && info.resource == kServices) adapt_service(*before, object);
  if (metadata.contains("name") || info.resource != kNamespaceResource) apply_defaults(info.resource, object);
  if (before && request.subresource == "ephemeralcontainers") return admit_ephemeral_containers(*before, object);
  if (auto admitted = admit_object(store_, info, object, before); !admitted) return admitted;
  if (auto wrong = check_values(info, object, before)) return *wrong;
  if (info.resource == kServices) {
    if (auto allocated = allocate_addresses(store_, object, before); !allocated) return allocated;
  }
  if (hooks_.check_write) return hooks_.check_write(request, object, before);
  return {};
}

ApiResult<> Writer::check_last(const ApiRequest& request, const Json& object, const Json* before) const {
  if (!hooks_.check_write) return {};
  return hooks_.check_write(request, object, before);
}

void Writer::enter_manager(const ApiRequest& request, const Write& write, const ObjectPtr& before, Json& object) const {
  if (write.applies) return;
  if (options_.track_managers) return record_writer(request, hooks_, write.writer, before, object);
  static const Json kNothing;
  const Json& managers = at_path(before ? *before : kNothing, {"metadata", "managedFields"});
  if (managers.is_null()) {
    object["metadata"].erase("managedFields");
  } else {
    object["metadata"]["managedFields"] = managers;
  }
}

ApiResult<http::Reply> Writer::create(const ApiRequest& request) {
  auto object = read_object(request);
  if (!object) return object.error();
  const auto write = options_of(request);
  if (!write) return write.error();
  return create_object(request, *write, std::move(*object));
}

ApiResult<http::Reply> Writer::create_object(const ApiRequest& request, const Write& write, Json object) {
  const ResourceInfo& info = *request.info;
  if (auto prepared = prepare(request, object, nullptr); !prepared) return prepared.error();
  // Nothing begins in the middle of its deletion.
  for (const char* key : {"deletionTimestamp", "deletionGracePeriodSeconds"}) object["metadata"].erase(key);
  const std::string name = text_at(object, {"metadata", "name"});
  if (!text_at(object, {"metadata", "resourceVersion"}).empty()) {
    StatusError error = internal_error("resourceVersion should not be set on objects to be created");
    error.reason.clear();
    return error;
  }
  if (auto allowed = check_last(request, object, nullptr); !allowed) return allowed.error();
  if (auto room = admit_amounts(store_, info.resource, object, nullptr); !room) return room.error();
  enter_manager(request, write, nullptr, object);
  if (info.has_subresource("status")) set_initial_status(info.resource, object);
  const auto store = [&] { return store_.create(info.resource, std::move(object)); };
  const auto created = write.dry_run ? store_.rehearse(store) : store();
  if (!created) return from_store(created.error(), info.resource, name);
  return answer(request, store_.clock().now(), 201, store_.state_of(info.resource, *created));
}

ApiResult<Json> Writer::next_state(const ApiRequest& request, const Write& write, const ObjectPtr& before,
                                   Json wanted) const {
  const ResourceInfo& info = *request.info;
  if (request.subresource != "scale") {
    Json managers = at_path(wanted, {"metadata", "managedFields"});
    if (auto prepared = prepare(request, wanted, before.get()); !prepared) return prepared.error();
    keep_other_part(request, *before, wanted);
    keep_system_metadata(*before, wanted);
    if (write.applies) wanted["metadata"]["managedFields"] = std::move(managers);
  }
  const std::string uid = text_at(*before, {"metadata", "uid"});
  const std::string wanted_uid = text_at(wanted, {"metadata", "uid"});
  if (!wanted_uid.empty() && wanted_uid != uid) {
    return conflict(info.resource, request.name,
                    "Precondition failed: UID in precondition: " + wanted_uid + ", UID in object meta: " + uid);
  }
  if (auto allowed = check_last(request, wanted, before.get()); !allowed) return allowed.error();
  if (request.subresource.empty()) {
    if (auto room = admit_amounts(store_, info.resource, wanted, before.get()); !room) return room.error();
  }
  enter_manager(request, write, before, wanted);
  return wanted;
}

ApiResult<http::Reply> Writer::change(const ApiRequest& request, const Write& write, const Change& change) {
  const ResourceInfo& info = *request.info;
  const ObjectPtr before = store_.find(info.resource, request.object_name());
  if (!before) return not_found(info.resource, request.name);
  auto wanted = change(before);
  if (!wanted) return wanted.error();
  auto next = next_state(request, write, before, std::move(*wanted));
  if (!next) return next.error();
  // Without a status of its own, that of a custom resource is a field like any other.
  const Part part = info.definition && !info.has_subresource("status") ? Part::kDocument : Part::kAll;
  const auto put = [&] {
    return store_.update(info.resource, request.object_name(), part, [&](Json& object) -> base::Result<> {
      object = std::move(*next);
      return {};
    });
  };
  const auto result = write.dry_run ? store_.rehearse(put) : put();
  if (!result) return from_store(result.error(), info.resource, request.name);
  if (request.subresource == "scale") {
    const auto scale = scale_of_resource(info, request.version, **result);
    if (!scale) return scale.error();
    return http::Reply(http::json_response(200, to_text(*scale) + "\n"));
  }
  return answer(request, store_.clock().now(), 200, store_.state_of(info.resource, *result));
}

ApiResult<http::Reply> Writer::update(const ApiRequest& request) {
  auto body = read_object(request);
  if (!body) return body.error();
  const auto write = options_of(request);
  if (!write) return write.error();
  const ResourceInfo& info = *request.info;
  if (request.subresource.empty() && put_creates(info) && !store_.find(info.resource, request.object_name())) {
    return create_object(request, *write, std::move(*body));
  }
  const bool scales = request.subresource == "scale";
  if (info.custom && !scales && text_at(*body, {"metadata", "resourceVersion"}).empty()) {
    return invalid_object(info.resource.group, info.kind, request.name,
                          {FieldError{"metadata.resourceVersion", "FieldValueInvalid",
                                      "Invalid value: 0x0: must be specified for an update"}});
  }
  return change(request, *write, [&](const ObjectPtr& before) -> ApiResult<Json> {
    if (!scales) return std::move(*body);
    Json workload = *before;
    if (auto scaled = apply_resource_scale(info, request.version, workload, *body); !scaled) return scaled.error();
    return workload;
  });
}

ApiResult<http::Reply> Writer::patch(const ApiRequest& request) {
  const ResourceInfo& info = *request.info;
  auto patch = parse_patch(request.http.body, request.header("Content-Type"), info.custom);
  if (!patch) return patch.error();
  const auto write = options_of(request);
  if (!write) return write.error();
  if (patch->type == PatchType::kApply) return apply(request, *write, std::move(patch->document));
  return change(request, *write, [&](const ObjectPtr& before) -> ApiResult<Json> {
    if (request.subresource == "scale") {
      auto read = scale_of_resource(info, request.version, *before);
      if (!read) return read.error();
      Json scale = std::move(*read);
      const SchemaType* type = Schema::builtin().of_kind("autoscaling", "v1", "Scale");
      if (auto patched = apply_patch(scale, *patch, type); !patched) return patched.error();
      Json workload = *before;
      if (auto scaled = apply_resource_scale(info, request.version, workload, scale); !scaled) return scaled.error();
      return workload;
    }
    Json next = *to_version(before, info, request.version);
    if (auto patched = apply_patch(next, *patch, document_type(info, request.version, hooks_)); !patched) {
      return patched.error();
    }
    if (auto known = validate_patched_fields(request, request.http.body, next, patch->complaints); !known) {
      return known.error();
    }
    return next;
  });
}

ApiResult<http::Reply> Writer::apply(const ApiRequest& request, const Write& write, Json configuration) {
  const ResourceInfo& info = *request.info;
  Write applied = write;
  applied.applies = true;
  const std::string kind = text_at(configuration, {"kind"});
  const bool scales = request.subresource == "scale";
  if (kind != (scales ? "Scale" : info.kind)) {
    return bad_request("invalid object type: " + text_at(configuration, {"apiVersion"}) + ", Kind=" + kind);
  }
  const FieldTypes types = field_types(info, hooks_);
  const ObjectPtr stored = store_.find(info.resource, request.object_name());
  if (!stored && request.subresource.empty()) {
    auto object = apply_configuration(Json(), configuration, write.writer, write.force, types);
    if (!object) return object.error();
    return create_object(request, applied, std::move(*object));
  }
  return change(request, applied, [&](const ObjectPtr& before) -> ApiResult<Json> {
    const ObjectPtr live = to_version(before, info, request.version);
    if (!scales) return apply_configuration(*live, configuration, write.writer, write.force, types);
    auto whole = whole_of_scale(request, *live, configuration);
    if (!whole) return whole.error();
    return apply_configuration(*live, *whole, write.writer, write.force, types);
  });
}

}  // namespace fakeapi
