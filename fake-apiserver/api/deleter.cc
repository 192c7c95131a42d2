#include "fake-apiserver/api/deleter.h"

#include "fake-apiserver/api/body.h"
#include "fake-apiserver/api/object_body.h"
#include "fake-apiserver/api/renderer.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

const Resource kPods{"", "pods"};
const Resource kNamespaceResource{"", "namespaces"};

// A pod that runs nowhere, or has ended, has nothing to wait for.
std::optional<base::Duration> default_grace(const ResourceInfo& info, const Json& object) {
  if (info.resource != kPods) return std::nullopt;
  const std::string phase = text_at(object, {"status", "phase"});
  if (text_at(object, {"spec", "nodeName"}).empty() || phase == "Succeeded" || phase == "Failed") return std::nullopt;
  return std::chrono::seconds(integer_at(object, {"spec", "terminationGracePeriodSeconds"}).value_or(30));
}

}  // namespace

ApiResult<Deleter::Options> Deleter::options_of(const ApiRequest& request) {
  Json body = Json::object();
  if (!request.http.body.empty()) {
    auto parsed = parse_body(request.http.body, request.header("Content-Type"));
    if (!parsed) return parsed.error();
    body = std::move(*parsed);
  }
  Options options;
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

ApiResult<ObjectPtr> Deleter::remove_object(const ResourceInfo& info, const ObjectName& name, const Options& options) {
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
      (void)remove_object(what, which, Options());
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

ApiResult<http::Reply> Deleter::remove(const ApiRequest& request) {
  const auto options = options_of(request);
  if (!options) return options.error();
  const ResourceInfo& info = *request.info;
  const auto removed = remove_object(info, request.object_name(), *options);
  if (!removed) return removed.error();
  const bool stays = at_path(**removed, {"metadata", "deletionTimestamp"}).is_string() &&
                     store_.find(info.resource, request.object_name());
  if (stays || info.resource == kPods) return answer(request, store_.clock().now(), 200, *removed);
  const Json status = success_status(info.resource, request.name, text_at(**removed, {"metadata", "uid"}));
  return http::Reply(http::json_response(200, to_text(status) + "\n"));
}

ApiResult<http::Reply> Deleter::remove_collection(const ApiRequest& request) {
  const auto view = request.view(true);
  if (!view) return view.error();
  const auto selector = request.selector();
  if (!selector) return selector.error();
  const auto options = options_of(request);
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

}  // namespace fakeapi
