#include "scaler/policy/policy_file.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "common/base/file.h"
#include "scaler/policy/contradictions.h"
#include "scaler/policy/hpa/hpa_reader.h"
#include "scaler/policy/hpa/json_values.h"
#include "scaler/policy/keda/keda_reader.h"
#include "scaler/policy/kpa/knative_service.h"
#include "scaler/policy/kpa/kpa_reader.h"
#include "scaler/policy/policy_fields.h"
#include "scaler/policy/scaling/scaling_policy_reader.h"
#include "scaler/policy/tuner/human_reader.h"
#include "scaler/policy/tuner/tuner_reader.h"
#include "scaler/policy/wpa/wpa_reader.h"

namespace scaler {
namespace {

using config::Fields;

// A kind of object that is a policy, in one of its versions. `read` gets the object's spec; if it leaves policy.target
// alone, scaleTargetRef is read here.
struct Kind {
  std::string name;
  std::string version;
  std::string target;  // the only kind that scaleTargetRef may name here; empty: any
  void (*read)(Fields& spec, PolicySpec& policy);
};

const Kind kKinds[] = {
    {"HorizontalPodAutoscaler", "autoscaling/v2", "", read_hpa},
    {"HorizontalPodAutoscaler", "autoscaling/v1", "", read_hpa_v1},
    {"HumanOperator", "gamenight/v1", "HorizontalPodAutoscaler", read_human},
    {"HpaTuner", "webapp.streamotion.com.au/v1", "HorizontalPodAutoscaler", read_tuner},
    {"PodAutoscaler", "autoscaling.internal.knative.dev/v1alpha1", "", read_kpa},
    {"ScaledObject", "keda.sh/v1alpha1", "", read_keda},
    {"ScalingPolicy", "gamenight/v1", "", read_scaling_policy},
    {"Service", kKnativeServiceVersion, "", read_knative_service},
    {"WatermarkPodAutoscaler", "datadoghq.com/v1alpha1", "", read_wpa},
};

// A kind of object that may stand beside policies, as it does in the files that people deploy. A Service of another
// group may well be a policy: kinds are told apart by name and version.
struct Companion {
  std::string name;
  std::string version;
};

const Companion kCompanions[] = {
    {"ClusterTriggerAuthentication", "keda.sh/v1alpha1"},
    {"ConfigMap", "v1"},
    {"Deployment", "apps/v1"},
    {"Ingress", "networking.k8s.io/v1"},
    {"PodDisruptionBudget", "policy/v1"},
    {"PriorityClass", "scheduling.k8s.io/v1"},
    {"ReplicaSet", "apps/v1"},
    {"Secret", "v1"},
    {"Service", "v1"},
    {"ServiceAccount", "v1"},
    {"StatefulSet", "apps/v1"},
    {"TriggerAuthentication", "keda.sh/v1alpha1"},
    {"VerticalPodAutoscaler", "autoscaling.k8s.io/v1"},
};

// Of all that a file may hold: each name once, in order.
std::vector<std::string> known_kinds() {
  std::set<std::string> names;
  for (const Kind& kind : kKinds) names.insert(kind.name);
  for (const Companion& companion : kCompanions) names.insert(companion.name);
  return {names.begin(), names.end()};
}

// Of one kind.
template <class Known, std::size_t N>
void add_versions(const Known (&all)[N], const std::string& name, std::vector<std::string>& versions) {
  for (const Known& known : all) {
    if (known.name == name) versions.push_back(known.version);
  }
}

// nullptr if it is none of `all`.
template <class Known, std::size_t N>
const Known* find_known(const Known (&all)[N], const std::string& name, const std::string& version) {
  const auto found = std::find_if(std::begin(all), std::end(all),
                                  [&](const Known& known) { return known.name == name && known.version == version; });
  return found == std::end(all) ? nullptr : found;
}

// What the API server writes into metadata, and what says nothing about scaling.
constexpr const char* kOtherMetadata[] = {"labels",
                                          "uid",
                                          "resourceVersion",
                                          "generation",
                                          "selfLink",
                                          "generateName",
                                          "managedFields",
                                          "creationTimestamp",
                                          "finalizers",
                                          "ownerReferences",
                                          "deletionTimestamp",
                                          "deletionGracePeriodSeconds"};

void read_metadata(Fields& root, PolicySpec& spec) {
  Fields metadata = root.object("metadata");
  spec.name = read_name(metadata, "name");
  if (metadata.has("namespace")) spec.ns = read_name(metadata, "namespace");
  for (const char* key : kOtherMetadata) metadata.ignore(key);
  if (auto annotations = metadata.object_if("annotations")) {
    for (const auto& [key, value] : annotations->value().items()) {
      // A key without a value is null, which the API server takes for an empty text.
      spec.annotations[key] = annotations->has(key) ? annotations->text(key) : "";
    }
  }
}

// The kind of policy in the version that `root` names. Companions are no policies.
const Kind& kind_of(Fields& root) {
  std::set<std::string> names;
  for (const Kind& kind : kKinds) names.insert(kind.name);
  const std::string name = root.choice("kind", {names.begin(), names.end()});
  std::vector<std::string> versions;
  add_versions(kKinds, name, versions);
  return *find_known(kKinds, name, root.choice("apiVersion", versions));
}

PolicySpec read_root(Fields& root) {
  PolicySpec policy;
  const Kind& kind = kind_of(root);
  read_metadata(root, policy);
  root.ignore("status");
  Fields spec = root.object("spec");
  kind.read(spec, policy);
  if (!policy.target.name.empty()) return policy;
  read_target(spec, kind.target.empty() ? std::vector<std::string>{} : std::vector<std::string>{kind.target}, policy);
  return policy;
}

// The pointers of a List's items.
std::vector<std::string> read_list(Fields& root) {
  root.choice("kind", {"List"});
  root.choice("apiVersion", {"v1"});
  root.ignore("metadata");
  std::vector<std::string> items;
  for (const Fields& item : root.objects("items")) items.push_back(item.pointer());
  return items;
}

// What every object of a file must have; true if it is a companion.
bool read_head(Fields& root) {
  const std::string name = root.choice("kind", known_kinds());
  std::vector<std::string> versions;
  add_versions(kKinds, name, versions);
  add_versions(kCompanions, name, versions);
  const std::string version = root.choice("apiVersion", versions);
  if (!find_known(kCompanions, name, version)) return false;
  Fields metadata = root.object("metadata");
  read_name(metadata, "name");
  if (metadata.has("namespace")) read_name(metadata, "namespace");
  return true;
}

base::Error invalid(std::string message) { return {base::ErrorCode::kInvalid, std::move(message)}; }

// "apps" of "apps/v1", "" of "v1".
std::string group_of(const std::string& api_version) {
  const std::size_t slash = api_version.find('/');
  return slash == std::string::npos ? "" : api_version.substr(0, slash);
}

// Two objects of one group, kind, namespace and name.
std::optional<base::Error> find_same_name(const std::vector<config::Document>& documents) {
  std::map<std::tuple<std::string, std::string, std::string, std::string>, std::string> seen;
  for (const config::Document& document : documents) {
    const config::Json& metadata = document.value.at("metadata");
    const std::string ns = json_values::text(metadata, "namespace");
    const auto key =
        std::tuple(json_values::text(document.value, "kind"), ns.empty() ? "default" : ns,
                   json_values::text(metadata, "name"), group_of(json_values::text(document.value, "apiVersion")));
    const std::string where = document.locate("/metadata/name");
    const auto [first, is_new] = seen.emplace(key, where);
    if (!is_new) return invalid(where + ": name: is taken by the " + std::get<0>(key) + " at " + first->second);
  }
  return std::nullopt;
}

}  // namespace

base::Result<PolicySpec> read_policy(const config::Document& document, config::Strictness strictness) {
  return config::read(document, read_root, strictness);
}

base::Result<std::vector<config::Document>> parse_objects(std::string_view text, const std::string& file) {
  auto documents = config::parse_yaml(text, file);
  if (!documents) return documents.error();
  std::vector<config::Document> objects;
  for (config::Document& document : *documents) {
    if (json_values::text(document.value, "kind") != "List") {
      objects.push_back(std::move(document));
      continue;
    }
    const auto items = config::read(document, read_list, config::Strictness::kLenient);
    if (!items) return items.error();
    for (const std::string& item : *items) objects.push_back(config::part_of(document, item));
  }
  return objects;
}

base::Result<PolicyFileContents> load_policy_file(const std::filesystem::path& path) {
  const auto text = base::read_file(path);
  if (!text) return invalid(text.error().message);
  const auto documents = parse_objects(*text, path.string());
  if (!documents) return documents.error();
  PolicyFileContents contents;
  std::vector<const config::Document*> places;
  for (const config::Document& document : *documents) {
    const auto is_companion = config::read(document, read_head, config::Strictness::kLenient);
    if (!is_companion) return is_companion.error();
    if (*is_companion) {
      contents.companions.push_back(document);
      continue;
    }
    auto policy = read_policy(document);
    if (!policy) return policy.error();
    contents.policies.push_back(std::move(*policy));
    places.push_back(&document);
  }
  if (contents.policies.empty()) return invalid(path.string() + ":1:1: the file holds no policy");
  if (auto error = find_same_name(*documents)) return *error;
  std::vector<PlacedPolicy> placed;
  for (std::size_t i = 0; i < places.size(); ++i) placed.push_back({&contents.policies[i], places[i]});
  if (auto error = find_contradiction(placed, contents.companions)) return *error;
  return contents;
}

base::Result<std::vector<PolicySpec>> load_policies(const std::filesystem::path& path) {
  auto contents = load_policy_file(path);
  if (!contents) return contents.error();
  return std::move(contents->policies);
}

}  // namespace scaler
