#include "fake-apiserver/api/deleter.h"

#include <algorithm>
#include <utility>

#include "fake-apiserver/api/body.h"
#include "fake-apiserver/api/object_body.h"
#include "fake-apiserver/api/pod_grace.h"
#include "fake-apiserver/api/renderer.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

const Resource kPods{"", "pods"};
const Resource kNamespaceResource{"", "namespaces"};
constexpr const char* kForeground = "foregroundDeletion";
constexpr const char* kOrphan = "orphan";

// These keep their dependents unless told otherwise, as they did before there was a garbage collector.
bool orphans_by_default(const Resource& resource) {
  return resource == Resource{"batch", "jobs"} || resource == Resource{"", "replicationcontrollers"};
}

StatusError invalid_policy(const std::string& message, const char* reason) {
  return invalid_object("meta.k8s.io", "DeleteOptions", "", {FieldError{"propagationPolicy", reason, message}});
}

// The finalizers that carry out `policy`; without one, whatever is there goes on.
void set_policy(const Resource& resource, const std::string& policy, Json& object) {
  Json& finalizers = object["metadata"]["finalizers"];
  if (!finalizers.is_array()) finalizers = Json::array();
  const auto has = [&](const char* name) {
    return std::find(finalizers.begin(), finalizers.end(), name) != finalizers.end();
  };
  std::string wanted = policy;
  if (wanted.empty()) wanted = has(kOrphan) ? "Orphan" : has(kForeground) ? "Foreground" : "";
  if (wanted.empty() && orphans_by_default(resource)) wanted = "Orphan";
  Json kept = Json::array();
  for (const Json& finalizer : finalizers) {
    if (finalizer != kForeground && finalizer != kOrphan) kept.push_back(finalizer);
  }
  if (wanted == "Foreground") kept.push_back(kForeground);
  if (wanted == "Orphan") kept.push_back(kOrphan);
  if (kept.empty()) {
    object["metadata"].erase("finalizers");
  } else {
    finalizers = std::move(kept);
  }
}

ApiResult<> check_preconditions(const Preconditions& preconditions, const Resource& resource, const ObjectName& name,
                                const Json& object) {
  const std::string uid = text_at(object, {"metadata", "uid"});
  if (preconditions.uid && *preconditions.uid != uid) {
    return conflict(resource, name.name,
                    "the UID in the precondition (" + *preconditions.uid + ") does not match the UID in record (" +
                        uid + "). The object might have been deleted and then recreated");
  }
  const std::string version = text_at(object, {"metadata", "resourceVersion"});
  if (preconditions.resource_version && *preconditions.resource_version != version) {
    return conflict(resource, name.name,
                    "the ResourceVersion in the precondition (" + *preconditions.resource_version +
                        ") does not match the ResourceVersion in record (" + version +
                        "). The object might have been modified");
  }
  return {};
}

}  // namespace

ApiResult<Deleter::Options> Deleter::options_of(const ApiRequest& request) {
  Json body = Json::object();
  if (!request.http.body.empty()) {
    auto parsed = parse_body(request.http.body, request.header("Content-Type"));
    if (!parsed) return parsed.error();
    body = std::move(*parsed);
    if (!body.is_object()) return bad_request("the body must be an object");
  }
  return options_of(request, body);
}

ApiResult<Deleter::Options> Deleter::options_of(const ApiRequest& request, const Json& body) {
  Options options;
  const auto dry_run = request.dry_run(body);
  if (!dry_run) return dry_run.error();
  options.dry_run = *dry_run;
  const auto grace = request.integer("gracePeriodSeconds");
  if (!grace) return grace.error();
  const Json& grace_value = member(body, "gracePeriodSeconds");
  options.grace_seconds = grace_value.is_null() ? *grace : integer_at(body, {"gracePeriodSeconds"});
  if (!grace_value.is_null() && !options.grace_seconds) return bad_request("gracePeriodSeconds must be a number");
  if (options.grace_seconds && *options.grace_seconds < 0) options.grace_seconds = 1;
  options.policy = text_at(body, {"propagationPolicy"});
  if (options.policy.empty()) options.policy = request.target.get("propagationPolicy").value_or("");
  const Json& orphan = member(body, "orphanDependents");
  if (orphan.is_boolean()) {
    if (!options.policy.empty()) {
      return invalid_policy(
          "Invalid value: \"" + options.policy + "\": orphanDependents and deletionPropagation cannot be both set",
          "FieldValueInvalid");
    }
    options.policy = orphan.get<bool>() ? "Orphan" : "Background";
  }
  const std::string& policy = options.policy;
  if (!policy.empty() && policy != "Foreground" && policy != "Orphan" && policy != "Background") {
    return invalid_policy(
        "Unsupported value: \"" + policy + R"(": supported values: "Foreground", "Background", "Orphan", "nil")",
        "FieldValueNotSupported");
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
  if (auto met = check_preconditions(options.preconditions, info.resource, name, *before); !met) return met.error();
  if (info.resource == kNamespaceResource) return namespaces_.terminate(name.name, options.dry_run);
  std::optional<base::Duration> grace;
  if (info.resource == kPods) grace = pod_grace(*before, options.grace_seconds);
  const auto remove = [&] {
    return store_.remove(info.resource, name, {}, grace, [&](Json& object) -> base::Result<> {
      set_policy(info.resource, options.policy, object);
      return {};
    });
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
  std::vector<ObjectState> removed;
  for (const ObjectPtr& object : store_.list(request.info->resource, request.ns)) {
    if (!selector->matches(*object)) continue;
    auto result = remove_object(*request.info, name_of(*object), *options);
    // What went with another is gone, as was wanted.
    if (!result && result.error().code != 404) return result.error();
    if (result) removed.emplace_back(*result);
  }
  ListMetadata metadata;
  metadata.revision = store_.revision();
  return http::Reply(http::json_response(200, render_list(*view, removed, metadata, store_.clock().now()) + "\n"));
}

}  // namespace fakeapi
