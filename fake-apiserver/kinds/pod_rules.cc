#include "fake-apiserver/kinds/pod_rules.h"

#include <algorithm>

#include "fake-apiserver/kinds/metadata_rules.h"
#include "fake-apiserver/kinds/names.h"

namespace fakeapi {
namespace {

// One of the fields of a volume that tell where its files are.
constexpr const char* kVolumeSources[] = {"hostPath",
                                          "emptyDir",
                                          "gcePersistentDisk",
                                          "awsElasticBlockStore",
                                          "secret",
                                          "nfs",
                                          "iscsi",
                                          "glusterfs",
                                          "rbd",
                                          "cinder",
                                          "cephfs",
                                          "flocker",
                                          "downwardAPI",
                                          "azureFile",
                                          "configMap",
                                          "quobyte",
                                          "azureDisk",
                                          "photonPersistentDisk",
                                          "portworxVolume",
                                          "scaleIO",
                                          "storageos",
                                          "projected",
                                          "csi",
                                          "ephemeral",
                                          "gitRepo",
                                          "fc",
                                          "flexVolume",
                                          "vsphereVolume",
                                          "persistentVolumeClaim",
                                          "image"};

// What a source cannot do without.
struct NeededField {
  const char* source;
  const char* field;
};
constexpr NeededField kNeeded[] = {{"hostPath", "path"},  {"secret", "secretName"},
                                   {"configMap", "name"}, {"persistentVolumeClaim", "claimName"},
                                   {"nfs", "server"},     {"csi", "driver"}};

constexpr const char* kPodUpdate =
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n";

constexpr std::int64_t kMostSeconds = 2147483647;

void check_optional_name(Problems& problems, const FieldPath& path, const Json& spec, const char* key,
                         NameProblems (*rule)(std::string_view)) {
  const std::string_view name = view_at(spec, key);
  if (!name.empty()) problems.invalid_all(path / key, name, rule(name));
}

// Takes the images out, which may change.
void forget_images(Json& spec, const char* list) {
  const auto containers = spec.find(list);
  if (containers == spec.end() || !containers->is_array()) return;
  for (Json& container : *containers) {
    if (container.is_object()) container.erase("image");
  }
}

bool same_count(const Json& a, const Json& b) { return (a.is_array() ? a.size() : 0) == (b.is_array() ? b.size() : 0); }

void check_added_tolerations(Problems& problems, const FieldPath& path, const Json& now, const Json& before) {
  for_each_item(before, [&](const Json& old, std::size_t) {
    Json without = old;
    if (without.is_object()) without.erase("tolerationSeconds");
    const bool kept = now.is_array() && std::any_of(now.begin(), now.end(), [&](Json toleration) {
                        if (toleration.is_object()) toleration.erase("tolerationSeconds");
                        return toleration == without;
                      });
    if (!kept) problems.forbidden(path, "existing toleration can not be modified except its tolerationSeconds");
  });
}

void check_deadline(Problems& problems, const FieldPath& path, const Json& now, const Json& before) {
  if (!before.is_number_integer()) return;
  if (now.is_null()) {
    problems.invalid(path, nullptr, "must not update from a positive integer to nil value");
  } else if (now > before) {
    problems.invalid(path, now, "must be less than or equal to previous value");
  }
}

void check_gate_names(Problems& problems, const FieldPath& path, const Json& gates) {
  std::vector<std::string_view> names;
  for_each_item(gates, [&](const Json& gate, std::size_t i) {
    const std::string_view name = view_at(gate, "name");
    problems.invalid_all(path[i], name, qualified_name_problems(name));
    if (std::find(names.begin(), names.end(), name) != names.end()) problems.duplicate(path[i], name);
    names.push_back(name);
  });
}

// Gates may only be taken away.
void check_gates(Problems& problems, const FieldPath& path, const Json& now, const Json& before) {
  for_each_item(now, [&](const Json& gate, std::size_t i) {
    const std::string_view name = view_at(gate, "name");
    const bool known = before.is_array() && std::any_of(before.begin(), before.end(),
                                                        [&](const Json& old) { return view_at(old, "name") == name; });
    const FieldPath item = path[i];
    if (known) return;
    problems.forbidden(item / "name",
                       "only deletion is allowed, but found new scheduling gate '" + std::string(name) + "'");
  });
}

void check_pod_update(Problems& problems, const Json& now, const Json& before) {
  const FieldPath spec("spec");
  for (const char* list : {"containers", "initContainers"}) {
    if (same_count(member(now, list), member(before, list))) continue;
    problems.forbidden(spec / list, "pod updates may not add or remove containers");
    return;
  }
  check_deadline(problems, spec / "activeDeadlineSeconds", member(now, "activeDeadlineSeconds"),
                 member(before, "activeDeadlineSeconds"));
  check_added_tolerations(problems, spec / "tolerations", member(now, "tolerations"), member(before, "tolerations"));
  check_gates(problems, spec / "schedulingGates", member(now, "schedulingGates"), member(before, "schedulingGates"));
  Json left = now;
  Json right = before;
  for (Json* side : {&left, &right}) {
    if (!side->is_object()) continue;
    for (const char* list : {"containers", "initContainers"}) forget_images(*side, list);
    side->erase("activeDeadlineSeconds");
    side->erase("tolerations");
    side->erase("schedulingGates");
  }
  if (left != right) problems.forbidden(spec, kPodUpdate);
}

}  // namespace

void check_list_name(Problems& problems, const FieldPath& path, const Json& named,
                     std::vector<std::string_view>& names) {
  const std::string_view name = view_at(named, "name");
  if (name.empty()) return problems.required(path);
  problems.invalid_all(path, name, dns_label_problems(name));
  if (std::find(names.begin(), names.end(), name) != names.end()) problems.duplicate(path, name);
  names.push_back(name);
}

void check_no_steps_back(Problems& problems, const FieldPath& path, const Json& folder) {
  const std::string steps = "/" + std::string(view_of(folder)) + "/";
  if (steps.find("/../") != std::string::npos) problems.invalid(path, folder, "must not contain '..'");
}

void check_volumes(Problems& problems, const FieldPath& path, const Json& volumes) {
  std::vector<std::string_view> names;
  for_each_item(volumes, [&](const Json& volume, std::size_t i) {
    const FieldPath item = path[i];
    check_list_name(problems, item / "name", volume, names);
    int sources = 0;
    for (const char* source : kVolumeSources) {
      if (member(volume, source).is_null()) continue;
      if (++sources > 1) problems.forbidden(item / source, "may not specify more than 1 volume type");
    }
    if (sources == 0) problems.required(item, "must specify a volume type");
    for (const NeededField& needed : kNeeded) {
      const Json& source = member(volume, needed.source);
      const FieldPath at = item / needed.source;
      if (source.is_object() && view_at(source, needed.field).empty()) problems.required(at / needed.field);
    }
    const FieldPath host_path = item / "hostPath";
    check_no_steps_back(problems, host_path / "path", at_path(volume, {"hostPath", "path"}));
  });
}

void check_pod_spec(Problems& problems, const FieldPath& path, const Json& spec) {
  check_volumes(problems, path / "volumes", member(spec, "volumes"));
  check_containers(problems, path, spec);
  problems.check_choice(path / "restartPolicy", member(spec, "restartPolicy"), {"Always", "OnFailure", "Never"});
  problems.check_choice(path / "dnsPolicy", member(spec, "dnsPolicy"),
                        {"ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"});
  check_optional_name(problems, path, spec, "serviceAccountName", dns_subdomain_problems);
  check_optional_name(problems, path, spec, "nodeName", dns_subdomain_problems);
  check_optional_name(problems, path, spec, "hostname", dns_label_problems);
  check_optional_name(problems, path, spec, "subdomain", dns_label_problems);
  check_optional_name(problems, path, spec, "priorityClassName", dns_subdomain_problems);
  check_optional_name(problems, path, spec, "runtimeClassName", dns_subdomain_problems);
  problems.check_range(path / "activeDeadlineSeconds", member(spec, "activeDeadlineSeconds"), 1, kMostSeconds);
  problems.check_not_negative(path / "terminationGracePeriodSeconds", member(spec, "terminationGracePeriodSeconds"));
  const Json& preemption = member(spec, "preemptionPolicy");
  if (!preemption.is_null()) {
    problems.check_choice(path / "preemptionPolicy", preemption, {"PreemptLowerPriority", "Never"});
  }
  check_gate_names(problems, path / "schedulingGates", member(spec, "schedulingGates"));
  check_scheduling(problems, path, spec);
}

void check_pod_template(Problems& problems, const FieldPath& path, const Json& pod_template) {
  const Json& metadata = member(pod_template, "metadata");
  const FieldPath metadata_path = path / "metadata";
  check_labels(problems, metadata_path / "labels", member(metadata, "labels"));
  check_annotations(problems, metadata_path / "annotations", member(metadata, "annotations"));
  const Json& spec = member(pod_template, "spec");
  const FieldPath spec_path = path / "spec";
  check_pod_spec(problems, spec_path, spec);
  if (member(spec, "ephemeralContainers").size() > 0) {
    problems.forbidden(spec_path / "ephemeralContainers", "ephemeral containers not allowed in pod template");
  }
}

void check_pod(Problems& problems, const Json& object, const Json* before) {
  const FieldPath spec_path("spec");
  const Json& spec = member(object, "spec");
  if (!before) {
    check_pod_spec(problems, spec_path, spec);
    if (member(spec, "ephemeralContainers").size() > 0) {
      problems.forbidden(spec_path / "ephemeralContainers", "cannot be set on create");
    }
    if (!view_at(spec, "nodeName").empty() && !member(spec, "schedulingGates").empty()) {
      problems.forbidden(spec_path / "nodeName", "cannot be set until all schedulingGates have been cleared");
    }
    return;
  }
  const Json& old = member(*before, "spec");
  if (spec == old) return;
  check_pod_spec(problems, spec_path, spec);
  check_pod_update(problems, spec, old);
}

}  // namespace fakeapi
