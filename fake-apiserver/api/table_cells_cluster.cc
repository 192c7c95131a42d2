// Storage, networking, roles and the registrations of the API itself.
#include "fake-apiserver/api/selector.h"
#include "fake-apiserver/api/table_cells.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

constexpr const char* kNone = "<none>";
constexpr const char* kUnset = "<unset>";
constexpr std::size_t kHostsShown = 3;

struct AccessMode {
  const char* name;
  const char* shown;
};
constexpr AccessMode kAccessModes[] = {
    {"ReadWriteOnce", "RWO"}, {"ReadOnlyMany", "ROX"}, {"ReadWriteMany", "RWX"}, {"ReadWriteOncePod", "RWOP"}};

template <class Visit>
void each(const Json& list, const Visit& visit) {
  if (!list.is_array()) return;
  for (const Json& item : list) visit(item);
}

std::string joined(const std::vector<std::string>& items, const char* separator) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : separator) + item;
  return text;
}

std::string access_modes(const Json& modes) {
  std::vector<std::string> shown;
  each(modes, [&](const Json& mode) {
    for (const AccessMode& known : kAccessModes) {
      if (mode == known.name) shown.emplace_back(known.shown);
    }
  });
  return joined(shown, ",");
}

std::string yes_or_no(const Json& value) { return value == true ? "true" : "false"; }

// "cpu: 1/2, pods: 3/4" of the amounts whose name says that they are of this side.
std::string quota_side(const Json& quota, bool limits) {
  std::vector<std::string> parts;
  const Json& hard = at_path(quota, {"status", "hard"});
  const Json& used = at_path(quota, {"status", "used"});
  if (!hard.is_object()) return "";
  for (auto amount = hard.begin(); amount != hard.end(); ++amount) {
    if (amount.key().starts_with("limits.") != limits) continue;
    parts.push_back(amount.key() + ": " + text_of(member(used, amount.key())) + "/" + text_of(*amount));
  }
  return joined(parts, ", ");
}

std::vector<std::string> subjects_of(const Json& binding, std::string_view kind) {
  std::vector<std::string> names;
  each(member(binding, "subjects"), [&](const Json& subject) {
    if (text_at(subject, {"kind"}) != kind) return;
    const std::string name = text_at(subject, {"name"});
    names.push_back(kind == "ServiceAccount" ? text_at(subject, {"namespace"}) + "/" + name : name);
  });
  return names;
}

}  // namespace

Json created_cells(const Json& object, base::Time) {
  return Json::array({name_cell(object), text_at(object, {"metadata", "creationTimestamp"})});
}

Json volume_cells(const Json& object, base::Time now) {
  const std::string claim = text_at(object, {"spec", "claimRef", "name"});
  return Json::array({name_cell(object), text_at(object, {"spec", "capacity", "storage"}),
                      access_modes(at_path(object, {"spec", "accessModes"})),
                      text_at(object, {"spec", "persistentVolumeReclaimPolicy"}), text_at(object, {"status", "phase"}),
                      claim.empty() ? "" : text_at(object, {"spec", "claimRef", "namespace"}) + "/" + claim,
                      text_at(object, {"spec", "storageClassName"}), text_at(object, {"status", "reason"}),
                      age_of(object, now), cell_text(object, {"spec", "volumeMode"}, kUnset)});
}

Json volume_claim_cells(const Json& object, base::Time now) {
  const bool deleted = at_path(object, {"metadata", "deletionTimestamp"}).is_string();
  const bool bound = !text_at(object, {"spec", "volumeName"}).empty();
  return Json::array({name_cell(object), deleted ? "Terminating" : text_at(object, {"status", "phase"}),
                      text_at(object, {"spec", "volumeName"}),
                      bound ? text_at(object, {"status", "capacity", "storage"}) : "",
                      bound ? access_modes(at_path(object, {"status", "accessModes"})) : "",
                      text_at(object, {"spec", "storageClassName"}), age_of(object, now),
                      cell_text(object, {"spec", "volumeMode"}, kUnset)});
}

Json resource_quota_cells(const Json& object, base::Time now) {
  return Json::array({name_cell(object), age_of(object, now), quota_side(object, false), quota_side(object, true)});
}

Json pod_template_cells(const Json& object, base::Time) {
  std::vector<std::string> names;
  std::vector<std::string> images;
  each(at_path(object, {"template", "spec", "containers"}), [&](const Json& container) {
    names.push_back(text_at(container, {"name"}));
    images.push_back(text_at(container, {"image"}));
  });
  return Json::array({name_cell(object), joined(names, ","), joined(images, ","),
                      labels_cell(at_path(object, {"template", "metadata", "labels"}))});
}

Json component_status_cells(const Json& object, base::Time) {
  std::string status = "Unknown";
  std::string message;
  std::string error;
  each(member(object, "conditions"), [&](const Json& condition) {
    if (text_at(condition, {"type"}) != "Healthy") return;
    status = text_at(condition, {"status"}) == "True" ? "Healthy" : "Unhealthy";
    message = text_at(condition, {"message"});
    error = text_at(condition, {"error"});
  });
  return Json::array({name_cell(object), status, message, error});
}

Json controller_revision_cells(const Json& object, base::Time now) {
  std::string controller = kNone;
  each(at_path(object, {"metadata", "ownerReferences"}), [&](const Json& owner) {
    if (member(owner, "controller") != true) return;
    std::string kind = text_at(owner, {"kind"});
    for (char& c : kind) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const std::string version = text_at(owner, {"apiVersion"});
    const std::size_t slash = version.find('/');
    controller =
        kind + (slash == std::string::npos ? "" : "." + version.substr(0, slash)) + "/" + text_at(owner, {"name"});
  });
  return Json::array(
      {name_cell(object), controller, integer_at(object, {"revision"}).value_or(0), age_of(object, now)});
}

Json ingress_cells(const Json& object, base::Time now) {
  std::vector<std::string> hosts;
  each(at_path(object, {"spec", "rules"}), [&](const Json& rule) {
    const std::string host = text_at(rule, {"host"});
    if (!host.empty()) hosts.push_back(host);
  });
  std::vector<std::string> addresses;
  each(at_path(object, {"status", "loadBalancer", "ingress"}),
       [&](const Json& entry) { addresses.push_back(cell_text(entry, {"ip"}, text_at(entry, {"hostname"}).c_str())); });
  const Json& tls = at_path(object, {"spec", "tls"});
  return Json::array({name_cell(object), cell_text(object, {"spec", "ingressClassName"}, kNone),
                      hosts.empty() ? "*" : list_cell(hosts, kHostsShown), joined(addresses, ","),
                      tls.is_array() && !tls.empty() ? "80, 443" : "80", age_of(object, now)});
}

Json ingress_class_cells(const Json& object, base::Time now) {
  const std::string kind = text_at(object, {"spec", "parameters", "kind"});
  const std::string group = text_at(object, {"spec", "parameters", "apiGroup"});
  const std::string name = text_at(object, {"spec", "parameters", "name"});
  const std::string parameters = kind.empty() ? kNone : kind + (group.empty() ? "" : "." + group) + "/" + name;
  return Json::array({name_cell(object), text_at(object, {"spec", "controller"}), parameters, age_of(object, now)});
}

Json network_policy_cells(const Json& object, base::Time now) {
  const std::string selector = selector_text(at_path(object, {"spec", "podSelector"}));
  return Json::array({name_cell(object), selector.empty() ? kNone : selector, age_of(object, now)});
}

Json storage_class_cells(const Json& object, base::Time now) {
  std::string name = text_at(object, {"metadata", "name"});
  const Json& marked = at_path(object, {"metadata", "annotations", "storageclass.kubernetes.io/is-default-class"});
  if (marked == "true") name += " (default)";
  return Json::array({name, text_at(object, {"provisioner"}), cell_text(object, {"reclaimPolicy"}, "Delete"),
                      cell_text(object, {"volumeBindingMode"}, "Immediate"),
                      yes_or_no(member(object, "allowVolumeExpansion")), age_of(object, now)});
}

Json csi_node_cells(const Json& object, base::Time now) {
  return Json::array({name_cell(object), at_path(object, {"spec", "drivers"}).size(), age_of(object, now)});
}

Json volume_attachment_cells(const Json& object, base::Time now) {
  return Json::array({name_cell(object), text_at(object, {"spec", "attacher"}),
                      text_at(object, {"spec", "source", "persistentVolumeName"}),
                      text_at(object, {"spec", "nodeName"}), at_path(object, {"status", "attached"}) == true,
                      age_of(object, now)});
}

Json binding_cells(const Json& object, base::Time now) {
  const std::string role = text_at(object, {"roleRef", "kind"}) + "/" + text_at(object, {"roleRef", "name"});
  return Json::array({name_cell(object), role, age_of(object, now), joined(subjects_of(object, "User"), ", "),
                      joined(subjects_of(object, "Group"), ", "), joined(subjects_of(object, "ServiceAccount"), ", ")});
}

Json api_service_cells(const Json& object, base::Time now) {
  const std::string name = text_at(object, {"spec", "service", "name"});
  const std::string service = name.empty() ? "Local" : text_at(object, {"spec", "service", "namespace"}) + "/" + name;
  std::string available = "Unknown";
  each(at_path(object, {"status", "conditions"}), [&](const Json& condition) {
    if (text_at(condition, {"type"}) != "Available") return;
    available = text_at(condition, {"status"});
    if (available != "True") available += " (" + text_at(condition, {"reason"}) + ")";
  });
  return Json::array({name_cell(object), service, available, age_of(object, now)});
}

Json webhook_cells(const Json& object, base::Time now) {
  return Json::array({name_cell(object), member(object, "webhooks").size(), age_of(object, now)});
}

Json runtime_class_cells(const Json& object, base::Time now) {
  return Json::array({name_cell(object), text_at(object, {"handler"}), age_of(object, now)});
}

}  // namespace fakeapi
