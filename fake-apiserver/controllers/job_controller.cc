#include "fake-apiserver/controllers/job_controller.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "common/base/number_format.h"
#include "common/base/time_format.h"
#include "fake-apiserver/api/pod_grace.h"
#include "fake-apiserver/controllers/job_pods.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {
namespace {

constexpr const char* kName = "job-controller";
constexpr std::int64_t kBurst = 500;  // pods created in one sync
// After the n-th failure the next pod waits 10 s * 2^(n-1), at most six minutes.
constexpr base::Duration kFirstBackOff = std::chrono::seconds(10);
constexpr base::Duration kLongestBackOff = std::chrono::minutes(6);

Json reference_to_job(const Json& job) { return reference_to(job, "batch/v1", "Job"); }

std::optional<std::int64_t> index_of(const Pod& pod) {
  return base::parse_int64(text_at(*pod.object, {"metadata", "annotations", kCompletionIndexKey}));
}

const Json* finished_condition(const Json& job) {
  for (const char* type : {"Complete", "Failed"}) {
    const Json* condition = find_condition(job, type);
    if (condition && text_at(*condition, {"status"}) == "True") return condition;
  }
  return nullptr;
}

base::Duration back_off_after(std::int64_t failures) {
  base::Duration wait = failures > 0 ? kFirstBackOff : base::Duration::zero();
  for (std::int64_t i = 1; i < failures && wait < kLongestBackOff; ++i) wait *= 2;
  return std::min(wait, kLongestBackOff);
}

// When the containers of a failed pod ended, or else when the pod was made.
base::Time end_of(const Pod& pod) {
  base::Time latest = pod.created;
  const Json* statuses = field_at(*pod.object, {"status", "containerStatuses"});
  if (!statuses || !statuses->is_array()) return latest;
  for (const Json& status : *statuses) {
    if (const auto end = time_at(status, {"state", "terminated", "finishedAt"})) latest = std::max(latest, *end);
  }
  return latest;
}

// Job conditions say when they were looked at, too.
void set_job_condition(Json& status, const Condition& condition, base::Time now) {
  set_condition(status, condition, now);
  for (Json& entry : status["conditions"]) {
    if (text_at(entry, {"type"}) == condition.type) entry["lastProbeTime"] = base::format_rfc3339(now);
  }
}

}  // namespace

std::string index_text(const std::set<std::int64_t>& indexes) {
  std::string text;
  for (auto at = indexes.begin(); at != indexes.end();) {
    const std::int64_t first = *at;
    std::int64_t last = first;
    while (++at != indexes.end() && *at == last + 1) last = *at;
    text += (text.empty() ? "" : ",") + std::to_string(first);
    if (last > first) text += "-" + std::to_string(last);
  }
  return text;
}

JobController::JobController(base::Duration delay, bool removes_finished, ObjectStore& store, base::Clock& clock,
                             PodCache& pods, EventRecorder& events, base::Metrics& metrics, PodAdmission admission,
                             std::optional<WriteRate> rate)
    : removes_finished_(removes_finished),
      store_(store),
      clock_(clock),
      pods_(pods),
      events_(events),
      admission_(std::move(admission)),
      metrics_(metrics),
      meter_(store, clock, rate),
      queue_(
          clock, delay,
          [this](const ObjectName& name) { meter_.run(queue_, name, [this](const ObjectName& due) { sync(due); }); }),
      retries_(clock),
      subscription_(store, resources::kJobs, [this](const StoreEvent& event) { on_job(event); }) {
  pods.listen([this](const Pod* before, const Pod* after) { on_pod(before, after); });
  for (const ObjectPtr& job : store.list(resources::kJobs)) queue_.add(name_of(*job));
}

void JobController::on_job(const StoreEvent& event) {
  if (event.type == EventType::kDeleted) return retries_.forget(name_of(*event.object));
  queue_.add(name_of(*event.object));
}

void JobController::on_pod(const Pod* before, const Pod* after) {
  const Pod& pod = after ? *after : *before;
  const bool same = before && after && before->phase == after->phase && before->ready == after->ready &&
                    before->deleting == after->deleting && before->restarts == after->restarts;
  if (same || pod.owner_uid.empty()) return;
  const ObjectName job{pod.name.ns, pod.owner_name};
  if (store_.find(resources::kJobs, job)) queue_.add(job);
}

JobController::View JobController::view_of(const ObjectPtr& job) const {
  View view;
  view.object = job;
  view.name = name_of(*job);
  view.parallelism = int_at(*job, {"spec", "parallelism"}, 1);
  const bool counted = field_at(*job, {"spec", "completions"}) || !field_at(*job, {"spec", "parallelism"});
  view.completions = counted ? int_at(*job, {"spec", "completions"}, 1) : -1;
  view.indexed = text_at(*job, {"spec", "completionMode"}) == "Indexed";
  view.suspended = bool_at(*job, {"spec", "suspend"});
  for (const Pod* pod : pods_.of_owner(uid_of(*job))) {
    const auto index = view.indexed ? index_of(*pod) : std::nullopt;
    if (pod->phase == PodPhase::kSucceeded) {
      if (view.indexed && (!index || !view.done.insert(*index).second)) continue;
      ++view.succeeded;
    } else if (pod->phase == PodPhase::kFailed) {
      ++view.failed;
      view.last_failure = std::max(view.last_failure, end_of(*pod));
    } else if (!pod->deleting) {
      view.active.push_back(pod);
      view.ready += pod->ready ? 1 : 0;
      view.restarts += pod->restarts;
      if (index) view.taken.insert(*index);
    }
  }
  return view;
}

void JobController::sync(const ObjectName& name) {
  const ObjectPtr object = store_.find(resources::kJobs, name);
  if (!object || is_being_deleted(*object)) return;
  const View job = view_of(object);
  if (finished_condition(*object)) return expire(job);
  Json status = object->value("status", Json::object());
  if (!status.is_object()) status = Json::object();
  set_unless_zero(status, "active", static_cast<std::int64_t>(job.active.size()));
  set_unless_zero(status, "succeeded", job.succeeded);
  set_unless_zero(status, "failed", job.failed);
  status["ready"] = job.ready;
  if (job.indexed && !job.done.empty()) status["completedIndexes"] = index_text(job.done);
  if (suspend_or_resume(job, status)) return write(job, std::move(status));
  if (!status.contains("startTime")) status["startTime"] = base::format_rfc3339(clock_.now());
  if (const Condition verdict = verdict_of(job); !verdict.type.empty()) {
    finish(job, verdict, status);
    return write(job, std::move(status));
  }
  write(job, std::move(status));
  manage(job);
}

bool JobController::suspend_or_resume(const View& job, Json& status) {
  const Json* known = find_condition(*job.object, "Suspended");
  const bool was = known && text_at(*known, {"status"}) == "True";
  if (job.suspended) {
    delete_pods(job, static_cast<std::int64_t>(job.active.size()));
    status.erase("startTime");
    if (!was) {
      set_job_condition(status, {"Suspended", "True", "JobSuspended", "Job suspended"}, clock_.now());
      events_.normal(reference_to_job(*job.object), kName, "Suspended", "Job suspended");
    }
  } else if (was) {
    set_job_condition(status, {"Suspended", "False", "JobResumed", "Job resumed"}, clock_.now());
    events_.normal(reference_to_job(*job.object), kName, "Resumed", "Job resumed");
  }
  return job.suspended;
}

Condition JobController::verdict_of(const View& job) {
  const Json& object = *job.object;
  const std::int64_t limit = int_at(object, {"spec", "backoffLimit"}, 6);
  const bool restarts = text_at(object, {"spec", "template", "spec", "restartPolicy"}) == "OnFailure";
  if (job.failed > limit || (restarts && job.restarts > 0 && job.restarts >= limit)) {
    return {"Failed", "True", "BackoffLimitExceeded", "Job has reached the specified backoff limit"};
  }
  const auto started = time_at(object, {"status", "startTime"});
  if (const Json* deadline = field_at(object, {"spec", "activeDeadlineSeconds"}); deadline) {
    const auto left = started.value_or(clock_.now()) +
                      std::chrono::seconds(int_at(object, {"spec", "activeDeadlineSeconds"})) - clock_.now();
    if (started && left <= base::Duration::zero()) {
      return {"Failed", "True", "DeadlineExceeded", "Job was active longer than specified deadline"};
    }
    queue_.add_after(job.name, std::max(left, base::Duration{1}));
  }
  const bool complete =
      job.completions < 0 ? job.succeeded > 0 && job.active.empty() : job.succeeded >= job.completions;
  if (complete) return {"Complete", "True", "", ""};
  return {};
}

void JobController::finish(const View& job, const Condition& verdict, Json& status) {
  delete_pods(job, static_cast<std::int64_t>(job.active.size()));
  status.erase("active");
  status["ready"] = 0;
  const base::Time now = clock_.now();
  set_job_condition(status, verdict, now);
  const Json about = reference_to_job(*job.object);
  if (verdict.type == "Complete") {
    status["completionTime"] = base::format_rfc3339(now);
    events_.normal(about, kName, "Completed", "Job completed");
    metrics_.increment("fakeapi_job_finished_total", "Jobs that came to an end.", {{"result", "complete"}});
  } else {
    set_unless_zero(status, "failed", job.failed + static_cast<std::int64_t>(job.active.size()));
    events_.warning(about, kName, verdict.reason, verdict.message);
    metrics_.increment("fakeapi_job_finished_total", "Jobs that came to an end.", {{"result", "failed"}});
  }
}

void JobController::expire(const View& job) {
  const Json* limit = field_at(*job.object, {"spec", "ttlSecondsAfterFinished"});
  if (!limit || !removes_finished_) return;
  const auto finished = time_at(*finished_condition(*job.object), {"lastTransitionTime"});
  const base::Duration left = finished.value_or(clock_.now()) +
                              std::chrono::seconds(int_at(*job.object, {"spec", "ttlSecondsAfterFinished"})) -
                              clock_.now();
  if (left > base::Duration::zero()) return queue_.add_after(job.name, left);
  (void)store_.remove(resources::kJobs, job.name, {.uid = uid_of(*job.object), .resource_version = std::nullopt});
}

std::int64_t JobController::wanted(const View& job) const {
  if (job.completions < 0) return job.succeeded > 0 ? static_cast<std::int64_t>(job.active.size()) : job.parallelism;
  return std::min(job.parallelism, job.completions - job.succeeded);
}

void JobController::manage(const View& job) {
  const std::int64_t missing = wanted(job) - static_cast<std::int64_t>(job.active.size());
  if (missing < 0) return delete_pods(job, -missing);
  if (missing == 0) return;
  const base::Duration wait = job.last_failure + back_off_after(job.failed) - clock_.now();
  if (job.failed > 0 && wait > base::Duration::zero()) return queue_.add_after(job.name, wait);
  create_pods(job, std::min(missing, kBurst));
}

void JobController::create_pods(const View& job, std::int64_t count) {
  std::int64_t index = 0;
  for (; count > 0; --count, ++index) {
    while (job.indexed && (job.done.contains(index) || job.taken.contains(index))) ++index;
    if (job.indexed && index >= job.completions) return;
    if (const base::Duration wait = meter_.wait(); wait > base::Duration::zero()) {
      return queue_.add_after(job.name, wait);
    }
    const auto pod =
        create_admitted(store_, admission_, pod_of_job(*job.object, job.indexed ? std::optional(index) : std::nullopt));
    if (!pod) {
      events_.warning(reference_to_job(*job.object), kName, "FailedCreate", "Error creating: " + pod.error().message);
      return queue_.add_after(job.name, retries_.next(job.name));
    }
    retries_.forget(job.name);
    events_.normal(reference_to_job(*job.object), kName, "SuccessfulCreate", "Created pod: " + name_of(**pod).name);
  }
}

// Those that have come less far go first.
void JobController::delete_pods(const View& job, std::int64_t count) {
  std::vector<const Pod*> pods = job.active;
  std::stable_sort(pods.begin(), pods.end(), [](const Pod* a, const Pod* b) {
    return std::tuple(a->phase, a->ready, b->ordinal) < std::tuple(b->phase, b->ready, a->ordinal);
  });
  pods.resize(std::min(pods.size(), static_cast<std::size_t>(count)));
  struct Victim {
    ObjectName name;
    base::Duration grace;
  };
  std::vector<Victim> victims;  // copied: the cache changes while they go
  for (const Pod* pod : pods) {
    victims.push_back({pod->name, pod_grace(*pod->object)});
  }
  for (const Victim& victim : victims) {
    if (!store_.remove(resources::kPods, victim.name, {}, victim.grace)) continue;
    events_.normal(reference_to_job(*job.object), kName, "SuccessfulDelete", "Deleted pod: " + victim.name.name);
  }
}

void JobController::write(const View& job, Json status) {
  (void)store_.update(resources::kJobs, job.name, Part::kStatus, [&](Json& object) -> base::Result<> {
    object["status"] = std::move(status);
    return {};
  });
}

}  // namespace fakeapi
