// Volumes of the cluster and claims for them.
#include <algorithm>

#include "fake-apiserver/kinds/default_fields.h"
#include "fake-apiserver/kinds/names.h"
#include "fake-apiserver/kinds/object_rules.h"
#include "fake-apiserver/kinds/pod_rules.h"
#include "fake-apiserver/kinds/quantity.h"

namespace fakeapi {
namespace {

constexpr const char* kPositive = "must be greater than zero";

constexpr const char* kSources[] = {"awsElasticBlockStore",
                                    "azureDisk",
                                    "azureFile",
                                    "cephfs",
                                    "cinder",
                                    "csi",
                                    "fc",
                                    "flexVolume",
                                    "flocker",
                                    "hostPath",
                                    "iscsi",
                                    "local",
                                    "nfs",
                                    "gcePersistentDisk",
                                    "glusterfs",
                                    "quobyte",
                                    "rbd",
                                    "scaleIO",
                                    "storageos",
                                    "portworxVolume",
                                    "photonPersistentDisk",
                                    "vsphereVolume"};

void check_modes(Problems& problems, const FieldPath& path, const Json& spec, const char* needed) {
  const Json& modes = member(spec, "accessModes");
  if (modes.empty()) problems.required(path / "accessModes", needed);
  if (modes.is_array()) {
    for (const Json& mode : modes) {
      problems.check_choice(path / "accessModes", mode,
                            {"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"});
    }
    const bool one_pod = std::find(modes.begin(), modes.end(), "ReadWriteOncePod") != modes.end();
    const bool others = std::any_of(modes.begin(), modes.end(), [](const Json& m) { return m != "ReadWriteOncePod"; });
    if (one_pod && others) {
      problems.forbidden(path / "accessModes", "may not use ReadWriteOncePod with other access modes");
    }
  }
  const Json& volume_mode = member(spec, "volumeMode");
  if (!is_unset(volume_mode)) problems.check_choice(path / "volumeMode", volume_mode, {"Block", "Filesystem"});
  const std::string_view storage_class = view_at(spec, "storageClassName");
  if (!storage_class.empty()) {
    problems.invalid_all(path / "storageClassName", storage_class, dns_subdomain_problems(storage_class));
  }
}

void check_storage(Problems& problems, const FieldPath& path, const Json& amount) {
  const auto storage = parse_quantity(view_of(amount));
  if (!storage) return problems.required(path);
  if (storage->nano <= 0) problems.invalid(path, amount, kPositive);
}

void forget_wanted_storage(Json& claim_spec) {
  const auto resources = claim_spec.find("resources");
  if (resources == claim_spec.end() || !resources->is_object()) return;
  const auto requests = resources->find("requests");
  if (requests != resources->end() && requests->is_object()) requests->erase("storage");
}

// What a claim is for is settled once; one that is bound may grow, and one that is not may be bound.
void check_claim_update(Problems& problems, const Json& object, const Json& before) {
  const FieldPath path("spec");
  const FieldPath resources = path / "resources";
  Json now = member(object, "spec");
  Json old = member(before, "spec");
  const bool bound = at_path(before, {"status", "phase"}) == "Bound";
  const Json& wanted = at_path(object, {"spec", "resources", "requests", "storage"});
  const Json& had = at_path(before, {"spec", "resources", "requests", "storage"});
  const auto amount = parse_quantity(view_of(wanted));
  const auto earlier = parse_quantity(view_of(had));
  for (Json* side : {&now, &old}) {
    if (!side->is_object()) continue;
    fill(*side, "volumeMode", "Filesystem");
    if (is_unset(at_path(before, {"spec", "volumeName"}))) side->erase("volumeName");
    if (!bound) continue;
    forget_wanted_storage(*side);
    side->erase("volumeAttributesClassName");
  }
  if (now != old) {
    problems.forbidden(path,
                       "spec is immutable after creation except resources.requests and volumeAttributesClassName for "
                       "bound claims\n");
  } else if (amount && earlier && amount->nano < earlier->nano) {
    const FieldPath requests = resources / "requests";
    problems.forbidden(requests / "storage", "field can not be less than status.capacity");
  }
}

}  // namespace

void check_volume_claim(Problems& problems, const Json& object, const Json* before) {
  const FieldPath path("spec");
  const FieldPath resources = path / "resources";
  const Json& spec = member(object, "spec");
  check_modes(problems, path, spec, "at least 1 access mode is required");
  check_storage(problems, resources.key("storage"), at_path(spec, {"resources", "requests", "storage"}));
  if (before) check_claim_update(problems, object, *before);
}

void check_volume(Problems& problems, const Json& object, const Json* before) {
  const FieldPath path("spec");
  const FieldPath capacity = path / "capacity";
  const Json& spec = member(object, "spec");
  check_modes(problems, path, spec, "");
  if (member(spec, "capacity").empty()) problems.required(capacity);
  const Json& amounts = member(spec, "capacity");
  if (!amounts.empty() && (amounts.size() > 1 || member(amounts, "storage").is_null())) {
    problems.not_supported(capacity, amounts, {"storage"});
  } else if (!amounts.empty()) {
    check_storage(problems, capacity.key("storage"), member(amounts, "storage"));
  }
  const FieldPath host_path = path / "hostPath";
  if (member(spec, "hostPath").is_object()) {
    const Json& folder = at_path(spec, {"hostPath", "path"});
    if (is_unset(folder)) problems.required(host_path / "path");
    check_no_steps_back(problems, host_path / "path", folder);
  }
  const Json& policy = member(spec, "persistentVolumeReclaimPolicy");
  if (!is_unset(policy)) {
    problems.check_choice(path / "persistentVolumeReclaimPolicy", policy, {"Delete", "Recycle", "Retain"});
  }
  int sources = 0;
  bool moved = false;
  for (const char* source : kSources) {
    const Json& now = member(spec, source);
    moved = moved || (before && now != at_path(*before, {"spec", source}));
    if (!now.is_null() && ++sources > 1) problems.forbidden(path / source, "may not specify more than 1 volume type");
  }
  if (sources == 0) problems.required(path, "must specify a volume type");
  if (moved) {
    problems.forbidden(path / "persistentvolumesource", "spec.persistentvolumesource is immutable after creation");
  }
}

}  // namespace fakeapi
