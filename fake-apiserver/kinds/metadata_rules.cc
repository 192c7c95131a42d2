#include "fake-apiserver/kinds/metadata_rules.h"

#include <algorithm>

#include "fake-apiserver/kinds/names.h"

namespace fakeapi {
namespace {

constexpr std::size_t kMostAnnotationBytes = 256 * 1024;
constexpr std::size_t kLongestCronJobName = 52;  // eleven are for the jobs' suffix

NameProblems name_problems(const ResourceInfo& info, const std::string& name) {
  const std::string& plural = info.resource.plural;
  if (info.resource.group == "rbac.authorization.k8s.io") return path_segment_problems(name);
  if (plural == "services") return dns_1035_label_problems(name);
  if (plural == "namespaces") return dns_label_problems(name);
  NameProblems problems = dns_subdomain_problems(name);
  if (plural == "cronjobs" && name.size() > kLongestCronJobName) {
    problems.push_back("must be no more than " + std::to_string(kLongestCronJobName) + " characters");
  }
  return problems;
}

void check_name(Problems& problems, const ResourceInfo& info, const Json& metadata) {
  const FieldPath path("metadata");
  std::string stem(view_at(metadata, "generateName"));
  if (!stem.empty()) {
    // A dash at the end is fine for what is going to be longer.
    if (stem.back() == '-') stem.back() = 'a';
    problems.invalid_all(path / "generateName", metadata["generateName"], name_problems(info, stem));
  }
  const std::string name(view_at(metadata, "name"));
  if (name.empty()) {
    if (stem.empty()) problems.required(path / "name", "name or generateName is required");
    return;
  }
  problems.invalid_all(path / "name", name, name_problems(info, name));
}

void check_owner(Problems& problems, const FieldPath& path, const Json& owner) {
  const std::string_view api_version = view_at(owner, "apiVersion");
  if (api_version.empty()) problems.invalid(path / "apiVersion", api_version, "version must not be empty");
  for (const char* key : {"kind", "name", "uid"}) {
    if (view_at(owner, key).empty()) {
      problems.invalid(path / key, "", std::string(key) + " must not be empty");
    }
  }
  if (api_version == "v1" && view_at(owner, "kind") == "Event") {
    problems.invalid(path, owner, "/v1, Kind=Event is disallowed from being an owner");
  }
}

void check_owners(Problems& problems, const Json& metadata) {
  const FieldPath root("metadata");
  const FieldPath path = root / "ownerReferences";
  const Json& owners = member(metadata, "ownerReferences");
  std::string controller;
  for_each_item(owners, [&](const Json& owner, std::size_t) {
    check_owner(problems, path, owner);
    if (member(owner, "controller") != true) return;
    const std::string name(view_at(owner, "name"));
    if (!controller.empty()) {
      problems.invalid(path, owners,
                       "Only one reference can have Controller set to true. Found \"true\" in references for " +
                           controller + " and " + name);
    }
    controller = name;
  });
}

void check_finalizers(Problems& problems, const Json& metadata, const Json* before) {
  const Json& finalizers = member(metadata, "finalizers");
  if (!finalizers.is_array()) return;
  const FieldPath root("metadata");
  const FieldPath path = root / "finalizers";
  bool orphan = false;
  bool foreground = false;
  for (const Json& finalizer : finalizers) {
    problems.invalid_all(path, finalizer, qualified_name_problems(view_of(finalizer)));
    orphan = orphan || finalizer == "orphan";
    foreground = foreground || finalizer == "foregroundDeletion";
  }
  if (orphan && foreground) {
    problems.invalid(path, finalizers, "finalizer orphan and foregroundDeletion cannot be both set");
  }
  if (!before || !at_path(*before, {"metadata", "deletionTimestamp"}).is_string()) return;
  const Json& old = at_path(*before, {"metadata", "finalizers"});
  std::string added;
  for (const Json& finalizer : finalizers) {
    if (old.is_array() && std::find(old.begin(), old.end(), finalizer) != old.end()) continue;
    added += (added.empty() ? "" : ", ") + to_text(finalizer);
  }
  if (!added.empty()) {
    problems.forbidden(
        path,
        "no new finalizers can be added if the object is being deleted, found new finalizers []string{" + added + "}");
  }
}

}  // namespace

void check_labels(Problems& problems, const FieldPath& path, const Json& labels) {
  if (!labels.is_object()) return;
  for (auto label = labels.begin(); label != labels.end(); ++label) {
    problems.invalid_all(path, label.key(), qualified_name_problems(label.key()));
    problems.invalid_all(path, *label, label_value_problems(view_of(*label)));
  }
}

void check_annotations(Problems& problems, const FieldPath& path, const Json& annotations) {
  if (!annotations.is_object()) return;
  std::size_t bytes = 0;
  for (auto annotation = annotations.begin(); annotation != annotations.end(); ++annotation) {
    std::string key = annotation.key();
    // Capitals were allowed in the domain once, and still are.
    std::transform(key.begin(), key.end(), key.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    problems.invalid_all(path, annotation.key(), qualified_name_problems(key));
    bytes += key.size() + view_of(*annotation).size();
  }
  if (bytes > kMostAnnotationBytes) problems.too_long(path, kMostAnnotationBytes);
}

void check_label_selector(Problems& problems, const FieldPath& path, const Json& selector) {
  check_labels(problems, path / "matchLabels", member(selector, "matchLabels"));
  const FieldPath expressions = path / "matchExpressions";
  for_each_item(member(selector, "matchExpressions"), [&](const Json& expression, std::size_t i) {
    const FieldPath item = expressions[i];
    const std::string_view op = view_at(expression, "operator");
    const Json& values = member(expression, "values");
    const bool any = values.is_array() && !values.empty();
    if (op == "In" || op == "NotIn") {
      if (!any) problems.required(item / "values", "must be specified when `operator` is 'In' or 'NotIn'");
    } else if (op == "Exists" || op == "DoesNotExist") {
      if (any) {
        problems.forbidden(item / "values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
      }
    } else {
      problems.invalid(item / "operator", op, "not a valid selector operator");
    }
    problems.invalid_all(item / "key", view_at(expression, "key"), qualified_name_problems(view_at(expression, "key")));
    const FieldPath values_path = item / "values";
    for_each_item(values, [&](const Json& value, std::size_t j) {
      problems.invalid_all(values_path[j], value, label_value_problems(view_of(value)));
    });
  });
}

void check_metadata(Problems& problems, const ResourceInfo& info, const Json& object, const Json* before) {
  const Json& metadata = member(object, "metadata");
  const FieldPath path("metadata");
  if (!before) check_name(problems, info, metadata);
  check_labels(problems, path / "labels", member(metadata, "labels"));
  check_annotations(problems, path / "annotations", member(metadata, "annotations"));
  check_owners(problems, metadata);
  check_finalizers(problems, metadata, before);
}

}  // namespace fakeapi
