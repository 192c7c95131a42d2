#include "fake-apiserver/controllers/replica_sets.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "common/base/number_format.h"
#include "fake-apiserver/controllers/object_fields.h"

namespace fakeapi {
namespace {

std::int64_t annotated_number(const Json& object, const char* annotation, std::int64_t otherwise) {
  return base::parse_int64(text_at(object, {"metadata", "annotations", annotation})).value_or(otherwise);
}

// A null means the same as no field at all; kubectl writes `creationTimestamp: null` into every template that it sends.
Json without_nulls(const Json& value) {
  if (value.is_array()) {
    Json result = Json::array();
    for (const Json& element : value) result.push_back(without_nulls(element));
    return result;
  }
  if (!value.is_object()) return value;
  Json result = Json::object();
  for (const auto& [key, field] : value.items()) {
    if (!field.is_null()) result[key] = without_nulls(field);
  }
  return result;
}

// What makes two templates the same: everything but the label with the hash, and without what that leaves empty.
Json essence(const Json& pod_template) {
  Json result = without_nulls(pod_template);
  const auto erase_if_empty = [](Json& parent, const char* key) {
    const auto found = parent.find(key);
    if (found != parent.end() && found->is_object() && found->empty()) parent.erase(found);
  };
  if (!result.is_object() || !result.contains("metadata") || !result["metadata"].is_object()) return result;
  Json& metadata = result["metadata"];
  if (metadata.contains("labels") && metadata["labels"].is_object()) metadata["labels"].erase(kTemplateHashLabel);
  erase_if_empty(metadata, "labels");
  erase_if_empty(result, "metadata");
  return result;
}

// FNV-1a's elder sister, which Kubernetes hashes templates with.
std::uint32_t fnv32(const std::string& text) {
  std::uint32_t hash = 2166136261U;
  for (const char c : text) hash = (hash * 16777619U) ^ static_cast<unsigned char>(c);
  return hash;
}

}  // namespace

ReplicaSetView::ReplicaSetView(ObjectPtr replica_set)
    : name(name_of(*replica_set)),
      uid(uid_of(*replica_set)),
      created(time_at(*replica_set, {"metadata", "creationTimestamp"}).value_or(base::Time{})),
      revision(annotated_number(*replica_set, kRevisionAnnotation, 0)),
      desired_replicas(annotated_number(*replica_set, kDesiredReplicasAnnotation, -1)),
      max_replicas(annotated_number(*replica_set, kMaxReplicasAnnotation, -1)),
      wanted(int_at(*replica_set, {"spec", "replicas"}, 1)),
      replicas(int_at(*replica_set, {"status", "replicas"})),
      ready(int_at(*replica_set, {"status", "readyReplicas"})),
      available(int_at(*replica_set, {"status", "availableReplicas"})),
      object(std::move(replica_set)) {}

DeploymentView::DeploymentView(ObjectPtr deployment)
    : name(name_of(*deployment)),
      uid(uid_of(*deployment)),
      replicas(std::max<std::int64_t>(0, int_at(*deployment, {"spec", "replicas"}, 1))),
      paused(bool_at(*deployment, {"spec", "paused"})),
      recreate(text_at(*deployment, {"spec", "strategy", "type"}) == "Recreate"),
      history_limit(int_at(*deployment, {"spec", "revisionHistoryLimit"}, 10)),
      collisions(int_at(*deployment, {"status", "collisionCount"})),
      object(std::move(deployment)) {
  if (!recreate) {
    posts = rollout::resolve(field_at(*object, {"spec", "strategy", "rollingUpdate", "maxSurge"}),
                             field_at(*object, {"spec", "strategy", "rollingUpdate", "maxUnavailable"}), replicas);
  }
  const std::int64_t deadline = int_at(*object, {"spec", "progressDeadlineSeconds"}, 600);
  // The largest int32 stands for "no deadline".
  if (deadline < std::numeric_limits<std::int32_t>::max()) {
    progress_deadline = std::chrono::seconds(deadline);
  } else {
    progress_deadline.reset();
  }
}

const Json& DeploymentView::pod_template() const {
  static const Json kEmpty = Json::object();
  const Json* found = field_at(*object, {"spec", "template"});
  return found && found->is_object() ? *found : kEmpty;
}

std::vector<const ReplicaSetView*> ReplicaSets::all() const {
  std::vector<const ReplicaSetView*> sets;
  if (current) sets.push_back(&*current);
  for (const ReplicaSetView& set : old) sets.push_back(&set);
  return sets;
}

std::int64_t ReplicaSets::total_wanted() const {
  std::int64_t total = 0;
  for (const ReplicaSetView* set : all()) total += set->wanted;
  return total;
}

ReplicaSets sort_replica_sets(const DeploymentView& deployment, const std::vector<ObjectPtr>& owned) {
  std::vector<ReplicaSetView> sets(owned.begin(), owned.end());
  // Several may have been created in the same second: then the revision knows better.
  std::sort(sets.begin(), sets.end(), [](const ReplicaSetView& a, const ReplicaSetView& b) {
    return std::tie(a.created, a.revision, a.name) < std::tie(b.created, b.revision, b.name);
  });
  ReplicaSets result;
  for (ReplicaSetView& set : sets) {
    const Json* its_template = field_at(*set.object, {"spec", "template"});
    if (!result.current && its_template && same_template(*its_template, deployment.pod_template())) {
      result.current = std::move(set);
    } else {
      result.old.push_back(std::move(set));
    }
  }
  result.wanted_before = result.total_wanted();
  return result;
}

bool same_template(const Json& a, const Json& b) { return essence(a) == essence(b); }

std::string template_hash(const Json& pod_template, std::int64_t collisions) {
  constexpr std::string_view kAlphabet = "456789bcdf";
  std::string text = to_text(essence(pod_template));
  if (collisions > 0) text += "#" + std::to_string(collisions);
  std::string hash = std::to_string(fnv32(text));
  for (char& c : hash) c = kAlphabet[static_cast<std::size_t>(c - '0')];
  return hash;
}

Json new_replica_set(const DeploymentView& deployment, std::int64_t replicas, std::int64_t revision) {
  const std::string hash = template_hash(deployment.pod_template(), deployment.collisions);
  Json pod_template = deployment.pod_template();
  Json& labels = object_in(object_in(pod_template, "metadata"), "labels");
  labels[kTemplateHashLabel] = hash;
  Json set_labels = labels;
  const Json* deployment_selector = field_at(*deployment.object, {"spec", "selector"});
  Json selector = deployment_selector && deployment_selector->is_object() ? *deployment_selector : Json::object();
  object_in(selector, "matchLabels")[kTemplateHashLabel] = hash;

  Json replica_set{
      {"apiVersion", "apps/v1"},
      {"kind", "ReplicaSet"},
      {"metadata",
       {{"name", deployment.name.name + "-" + hash},
        {"namespace", deployment.name.ns},
        {"labels", std::move(set_labels)},
        {"ownerReferences", Json::array({controller_reference(*deployment.object, "apps/v1", "Deployment")})}}},
      {"spec", {{"replicas", replicas}, {"selector", std::move(selector)}, {"template", std::move(pod_template)}}},
      {"status", {{"replicas", 0}}}};
  if (const std::int64_t min_ready = int_at(*deployment.object, {"spec", "minReadySeconds"})) {
    replica_set["spec"]["minReadySeconds"] = min_ready;
  }
  copy_annotations(*deployment.object, replica_set);
  object_in(replica_set["metadata"], "annotations")[kRevisionAnnotation] = std::to_string(revision);
  set_replica_annotations(replica_set, deployment);
  return replica_set;
}

void set_replica_annotations(Json& replica_set, const DeploymentView& deployment) {
  Json& annotations = object_in(object_in(replica_set, "metadata"), "annotations");
  annotations[kDesiredReplicasAnnotation] = std::to_string(deployment.replicas);
  annotations[kMaxReplicasAnnotation] = std::to_string(deployment.replicas + deployment.posts.surge);
}

void copy_annotations(const Json& deployment, Json& replica_set) {
  const Json* annotations = field_at(deployment, {"metadata", "annotations"});
  if (!annotations || !annotations->is_object()) return;
  Json& copies = object_in(object_in(replica_set, "metadata"), "annotations");
  for (const auto& [key, value] : annotations->items()) {
    const bool own = key == "kubectl.kubernetes.io/last-applied-configuration" || key == kRevisionAnnotation ||
                     key == kRevisionHistoryAnnotation || key == kDesiredReplicasAnnotation ||
                     key == kMaxReplicasAnnotation;
    if (!own) copies[key] = value;
  }
}

}  // namespace fakeapi
