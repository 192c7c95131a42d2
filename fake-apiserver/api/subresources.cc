#include "fake-apiserver/api/subresources.h"

#include <algorithm>

#include "fake-apiserver/api/object_body.h"
#include "fake-apiserver/api/pod_logs.h"
#include "fake-apiserver/api/renderer.h"
#include "fake-apiserver/api/subresource_kinds.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

const Resource kPods{"", "pods"};
const Resource kNamespaces{"", "namespaces"};
const Resource kServiceAccounts{"", "serviceaccounts"};

StatusError not_implemented(const std::string& what) {
  StatusError error = bad_request(what + " is not possible: containers are simulated");
  error.code = 501;
  error.reason = "NotImplemented";
  return error;
}

bool allows(const std::vector<std::string>& verbs, const ApiRequest& request) {
  return std::find(verbs.begin(), verbs.end(), verb_of(request)) != verbs.end();
}

http::Reply json_reply(int code, const Json& document) { return http::json_response(code, to_text(document) + "\n"); }

// What a binding says of its pod and does not hold, "" if there is nothing.
std::string broken_precondition(const Json& binding, const Json& pod) {
  for (const auto& [key, name] : {std::pair("uid", "UID"), std::pair("resourceVersion", "ResourceVersion")}) {
    const std::string wanted = text_at(binding, {"metadata", key});
    const std::string found = text_at(pod, {"metadata", key});
    if (wanted.empty() || wanted == found) continue;
    return std::string("Precondition failed: ") + name + " in precondition: " + wanted + ", " + name +
           " in object meta: " + found;
  }
  return "";
}

Json component_status(const char* name) {
  return {{"metadata", {{"name", name}}},
          {"conditions", Json::array({{{"type", "Healthy"}, {"status", "True"}, {"message", "ok"}}})}};
}

}  // namespace

bool Subresources::serves(const ApiRequest& request) {
  if (request.info->transient) return true;
  const std::string& part = request.subresource;
  return !part.empty() && part != "status" && part != "scale" && part != "ephemeralcontainers";
}

ApiResult<http::Reply> Subresources::answer(const ApiRequest& request) {
  const ResourceInfo& info = *request.info;
  const std::string& part = request.subresource;
  if (part.empty()) {
    if (!allows(info.verbs, request)) return method_not_allowed();
    return request.http.method == "GET" ? read_transient(request) : create_transient(request);
  }
  if (!allows(subresource_kind(info, request.version, part).verbs, request)) return method_not_allowed();
  if (part == "binding") return bind(request, request.name);
  if (part == "eviction") return evict(request);
  if (part == "log") return pod_log(request, store_, hooks_.pod_logs);
  if (part == "token") return issue_token(request);
  if (part == "finalize") return finalize_namespace(request);
  if (!store_.find(info.resource, request.object_name())) return not_found(info.resource, request.name);
  return not_implemented(part);
}

// Bindings may name their pod in their own metadata; reviews are answered by the authority that they ask.
ApiResult<http::Reply> Subresources::create_transient(const ApiRequest& request) {
  if (!request.name.empty()) return method_not_allowed();
  auto body = read_object(request);
  if (!body) return body.error();
  if (request.info->kind == "Binding") return bind(request, text_at(*body, {"metadata", "name"}));
  if (!hooks_.review) return unknown_resource();
  const auto answered = hooks_.review(request, std::move(*body));
  if (!answered) return answered.error();
  return json_reply(201, *answered);
}

// Component statuses are deprecated, and all is well with what runs in this process.
ApiResult<http::Reply> Subresources::read_transient(const ApiRequest& request) {
  const auto view = request.view(request.name.empty());
  if (!view) return view.error();
  std::vector<ObjectState> objects;
  for (const char* name : {"controller-manager", "etcd-0", "scheduler"}) {
    Json object = component_status(name);
    object["apiVersion"] = request.info->stored_api_version();
    object["kind"] = request.info->kind;
    if (request.name == name) {
      const ObjectState shared(std::make_shared<const Json>(std::move(object)));
      return http::Reply(http::json_response(200, render_object(*view, shared, store_.clock().now()) + "\n"));
    }
    objects.emplace_back(std::make_shared<const Json>(std::move(object)));
  }
  if (!request.name.empty()) return not_found(request.info->resource, request.name);
  return http::Reply(http::json_response(200, render_list(*view, objects, {}, store_.clock().now()) + "\n"));
}

// What a scheduler of its own does to place a pod.
ApiResult<http::Reply> Subresources::bind(const ApiRequest& request, const std::string& pod_name) {
  const auto body = read_object(request);
  if (!body) return body.error();
  const auto dry_run = request.dry_run();
  if (!dry_run) return dry_run.error();
  const std::string node = text_at(*body, {"target", "name"});
  const std::string kind = text_at(*body, {"target", "kind"});
  if (!kind.empty() && kind != "Node") {
    return invalid_object(
        "", "Binding", pod_name,
        {FieldError{"target.kind", "FieldValueNotSupported",
                    "Unsupported value: " + to_text(kind) + R"(: supported values: "Node", "<empty>")"}});
  }
  if (node.empty()) {
    return invalid_object("", "Binding", pod_name, {FieldError{"target.name", "FieldValueRequired", "Required value"}});
  }
  std::string refusal;
  const auto write = [&] {
    return store_.update(kPods, {request.ns, pod_name}, Part::kAll, [&](Json& pod) -> base::Result<> {
      const std::string bound = text_at(pod, {"spec", "nodeName"});
      if (at_path(pod, {"metadata", "deletionTimestamp"}).is_string()) {
        refusal = "pod " + pod_name + " is being deleted, cannot be assigned to a host";
      } else if (!bound.empty()) {
        refusal = "pod " + pod_name + " is already assigned to node \"" + bound + "\"";
      }
      if (refusal.empty()) refusal = broken_precondition(*body, pod);
      if (!refusal.empty()) return base::Error{base::ErrorCode::kConflict, refusal};
      pod["spec"]["nodeName"] = node;
      const Json& annotations = at_path(*body, {"metadata", "annotations"});
      if (annotations.is_object() && !annotations.empty()) {
        object_in(pod["metadata"], "annotations").update(annotations);
      }
      set_condition(object_in(pod, "status"), {.type = "PodScheduled", .status = "True", .reason = "", .message = ""},
                    store_.clock().now());
      return {};
    });
  };
  const auto bound = *dry_run ? store_.rehearse(write) : write();
  if (!refusal.empty()) {
    StatusError error = conflict(Resource{"", "pods/binding"}, pod_name, refusal);
    error.details["kind"] = "pods/binding";
    return error;
  }
  if (!bound) return from_store(bound.error(), kPods, pod_name);
  return success_reply(201);
}

ApiResult<http::Reply> Subresources::evict(const ApiRequest& request) {
  const auto body = read_object(request);
  if (!body) return body.error();
  if (!store_.find(kPods, request.object_name())) return not_found(kPods, request.name);
  const std::string name = text_at(*body, {"metadata", "name"});
  if (!name.empty() && name != request.name) {
    return bad_request("name in URL does not match name in Eviction object: " + request.name + " != " + name);
  }
  if (!hooks_.evict) return not_implemented("eviction");
  return hooks_.evict(request, *body);
}

ApiResult<http::Reply> Subresources::issue_token(const ApiRequest& request) {
  auto body = read_object(request);
  if (!body) return body.error();
  if (!store_.find(kServiceAccounts, request.object_name())) return not_found(kServiceAccounts, request.name);
  if (!hooks_.issue_token) return not_implemented("token");
  const auto issued = hooks_.issue_token(request, std::move(*body));
  if (!issued) return issued.error();
  return json_reply(201, *issued);
}

// Changes nothing but spec.finalizers; without the last one a namespace that is being deleted goes.
ApiResult<http::Reply> Subresources::finalize_namespace(const ApiRequest& request) {
  const auto body = read_object(request);
  if (!body) return body.error();
  const auto dry_run = request.dry_run();
  if (!dry_run) return dry_run.error();
  const Json& wanted = at_path(*body, {"spec", "finalizers"});
  if (!wanted.is_null() && !wanted.is_array()) return bad_request("spec.finalizers must be a list");
  const auto change = [&](Json& ns) -> base::Result<> {
    const Json& version = at_path(*body, {"metadata", "resourceVersion"});
    if (version.is_string() && !version.empty()) ns["metadata"]["resourceVersion"] = version;
    if (wanted.is_array() && !wanted.empty()) {
      ns["spec"]["finalizers"] = wanted;
    } else {
      if (ns.contains("spec")) ns["spec"].erase("finalizers");
      // How the store knows that nothing holds the object any more.
      if (at_path(ns, {"metadata", "deletionTimestamp"}).is_string()) ns["metadata"].erase("finalizers");
    }
    return {};
  };
  const auto write = [&] { return store_.update(kNamespaces, request.object_name(), Part::kAll, change); };
  const auto updated = *dry_run ? store_.rehearse(write) : write();
  if (!updated) return from_store(updated.error(), kNamespaces, request.name);
  return fakeapi::answer(request, store_.clock().now(), 200, *updated);
}

}  // namespace fakeapi
