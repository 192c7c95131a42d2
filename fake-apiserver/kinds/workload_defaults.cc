#include "fake-apiserver/kinds/default_fields.h"

namespace fakeapi {
namespace {

constexpr int kBackoffLimit = 6;

void default_deployment(Json& spec) {
  fill(spec, "replicas", 1);
  fill(spec, "progressDeadlineSeconds", 600);
  fill(spec, "revisionHistoryLimit", 10);
  Json* strategy = child(spec, "strategy");
  if (!strategy) return;
  fill(*strategy, "type", "RollingUpdate");
  if (text_at(*strategy, {"type"}) != "RollingUpdate") return;
  if (Json* rolling = child(*strategy, "rollingUpdate")) {
    fill(*rolling, "maxSurge", "25%");
    fill(*rolling, "maxUnavailable", "25%");
  }
}

void default_claim(Json& claim) {
  if (Json* spec = child(claim, "spec")) fill(*spec, "volumeMode", "Filesystem");
  if (Json* status = child(claim, "status")) fill(*status, "phase", "Pending");
  fill(claim, "apiVersion", "v1");
  fill(claim, "kind", "PersistentVolumeClaim");
}

void default_stateful_set(Json& spec) {
  fill(spec, "replicas", 1);
  fill(spec, "podManagementPolicy", "OrderedReady");
  fill(spec, "revisionHistoryLimit", 10);
  if (Json* retention = child(spec, "persistentVolumeClaimRetentionPolicy")) {
    fill(*retention, "whenDeleted", "Retain");
    fill(*retention, "whenScaled", "Retain");
  }
  if (Json* strategy = child(spec, "updateStrategy")) {
    fill(*strategy, "type", "RollingUpdate");
    if (text_at(*strategy, {"type"}) == "RollingUpdate") {
      if (Json* rolling = child(*strategy, "rollingUpdate")) fill(*rolling, "partition", 0);
    }
  }
  if (!member(spec, "volumeClaimTemplates").is_array()) return;
  for (Json& claim : spec["volumeClaimTemplates"]) default_claim(claim);
}

void default_daemon_set(Json& spec) {
  fill(spec, "revisionHistoryLimit", 10);
  Json* strategy = child(spec, "updateStrategy");
  if (!strategy) return;
  fill(*strategy, "type", "RollingUpdate");
  if (text_at(*strategy, {"type"}) != "RollingUpdate") return;
  if (Json* rolling = child(*strategy, "rollingUpdate")) {
    fill(*rolling, "maxSurge", 0);
    fill(*rolling, "maxUnavailable", 1);
  }
}

void default_job(Json& spec) {
  if (member(spec, "completions").is_null() && member(spec, "parallelism").is_null()) fill(spec, "completions", 1);
  fill(spec, "parallelism", 1);
  if (member(spec, "backoffLimitPerIndex").is_null()) fill(spec, "backoffLimit", kBackoffLimit);
  fill(spec, "completionMode", "NonIndexed");
  fill(spec, "suspend", false);
  fill(spec, "manualSelector", false);
  fill(spec, "podReplacementPolicy", member(spec, "podFailurePolicy").is_object() ? "Failed" : "TerminatingOrFailed");
}

void default_cron_job(Json& spec) {
  fill(spec, "concurrencyPolicy", "Allow");
  fill(spec, "suspend", false);
  fill(spec, "successfulJobsHistoryLimit", 3);
  fill(spec, "failedJobsHistoryLimit", 1);
  Json* job = member(spec, "jobTemplate").is_object() ? child(spec["jobTemplate"], "spec") : nullptr;
  if (job) default_template(*job);
}

// The labels of the template do where the controller itself has none.
void default_replication_controller(Json& object) {
  Json& spec = object["spec"];
  fill(spec, "replicas", 1);
  const Json& labels = member(member(member(spec, "template"), "metadata"), "labels");
  if (!labels.is_object() || labels.empty()) return;
  const Json copy = labels;
  fill(spec, "selector", copy);
  if (member(object, "metadata").is_object()) fill(object["metadata"], "labels", copy);
}
}  // namespace

void default_workload(const Resource& resource, Json& object) {
  const std::string& plural = resource.plural;
  Json& spec = object["spec"];
  if (resource.group == "apps") {
    if (plural == "deployments") default_deployment(spec);
    if (plural == "replicasets") fill(spec, "replicas", 1);
    if (plural == "statefulsets") default_stateful_set(spec);
    if (plural == "daemonsets") default_daemon_set(spec);
  } else if (resource.group == "batch") {
    if (plural == "jobs") default_job(spec);
    if (plural == "cronjobs") default_cron_job(spec);
  } else if (resource.group.empty() && plural == "replicationcontrollers") {
    default_replication_controller(object);
  }
  default_template(spec);
}
}  // namespace fakeapi
