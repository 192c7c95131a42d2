#include "fake-apiserver/controllers/cron_job_controller.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "common/base/time_format.h"
#include "fake-apiserver/controllers/cron_schedule.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {
namespace {

constexpr const char* kName = "cronjob-controller";
constexpr const char* kScheduledAnnotation = "batch.kubernetes.io/cronjob-scheduled-timestamp";
// Missed times beyond these are not caught up with one by one.
constexpr int kMostMissed = 100;

Json reference_to_cron_job(const Json& object) { return reference_to(object, "batch/v1", "CronJob"); }

bool has_condition(const Json& job, const char* type) {
  const Json* condition = find_condition(job, type);
  return condition && text_at(*condition, {"status"}) == "True";
}

Json job_of(const Json& cron_job, base::Time at) {
  const auto minutes = std::chrono::floor<std::chrono::minutes>(at).time_since_epoch().count();
  const ObjectName name = name_of(cron_job);
  Json metadata{{"name", name.name + "-" + std::to_string(minutes)},
                {"namespace", name.ns},
                {"ownerReferences", Json::array({controller_reference(cron_job, "batch/v1", "CronJob")})}};
  for (const char* key : {"labels", "annotations"}) {
    if (const Json* value = field_at(cron_job, {"spec", "jobTemplate", "metadata", key})) metadata[key] = *value;
  }
  object_in(metadata, "annotations")[kScheduledAnnotation] = base::format_rfc3339(at);
  const Json* spec = field_at(cron_job, {"spec", "jobTemplate", "spec"});
  return {{"apiVersion", "batch/v1"},
          {"kind", "Job"},
          {"metadata", std::move(metadata)},
          {"spec", spec ? *spec : Json::object()},
          {"status", Json::object()}};
}

}  // namespace

CronJobController::CronJobController(base::Duration delay, ObjectStore& store, base::Clock& clock,
                                     EventRecorder& events, std::optional<WriteRate> rate)
    : store_(store),
      clock_(clock),
      events_(events),
      meter_(store, clock, rate),
      queue_(
          clock, delay,
          [this](const ObjectName& name) { meter_.run(queue_, name, [this](const ObjectName& due) { sync(due); }); }),
      cron_jobs_(store, resources::kCronJobs,
                 [this](const StoreEvent& event) {
                   if (event.type != EventType::kDeleted) queue_.add(name_of(*event.object));
                 }),
      jobs_(store, resources::kJobs, [this](const StoreEvent& event) { on_job(event); }) {
  for (const ObjectPtr& object : store.list(resources::kCronJobs)) queue_.add(name_of(*object));
}

void CronJobController::on_job(const StoreEvent& event) {
  const auto owner = controller_of(*event.object);
  if (owner && owner->kind == "CronJob") queue_.add(ObjectName{name_of(*event.object).ns, owner->name});
}

CronJobController::Jobs CronJobController::jobs_of(const Json& cron_job) const {
  std::vector<ObjectPtr> owned = store_.list(resources::kJobs, name_of(cron_job).ns);
  std::erase_if(owned, [&](const ObjectPtr& job) { return !is_controlled_by(*job, uid_of(cron_job)); });
  const auto age = [](const ObjectPtr& job) {
    return std::tuple(time_at(*job, {"metadata", "creationTimestamp"}), name_of(*job));
  };
  std::sort(owned.begin(), owned.end(), [&](const auto& a, const auto& b) { return age(a) < age(b); });
  Jobs jobs;
  for (ObjectPtr& job : owned) {
    const bool failed = has_condition(*job, "Failed");
    (failed ? jobs.failed : has_condition(*job, "Complete") ? jobs.succeeded : jobs.active).push_back(std::move(job));
  }
  return jobs;
}

void CronJobController::sync(const ObjectName& name) {
  const ObjectPtr object = store_.find(resources::kCronJobs, name);
  if (!object || is_being_deleted(*object)) return;
  Jobs jobs = jobs_of(*object);
  Json status = object->value("status", Json::object());
  if (!status.is_object()) status = Json::object();
  if (!jobs.succeeded.empty()) {
    const std::string ended = text_at(*jobs.succeeded.back(), {"status", "completionTime"});
    if (!ended.empty() && ended > text_at(status, {"lastSuccessfulTime"})) status["lastSuccessfulTime"] = ended;
  }
  clean_up(*object, jobs);
  if (!bool_at(*object, {"spec", "suspend"})) follow_schedule(*object, jobs, status);
  Json active = Json::array();
  for (const ObjectPtr& job : jobs.active) active.push_back(reference_to(*job, "batch/v1", "Job"));
  for (Json& reference : active) reference.erase("resourceVersion");
  if (active.empty()) {
    status.erase("active");
  } else {
    status["active"] = std::move(active);
  }
  (void)store_.update(resources::kCronJobs, name, Part::kStatus, [&](Json& stored) -> base::Result<> {
    stored["status"] = std::move(status);
    return {};
  });
}

void CronJobController::clean_up(const Json& cron_job, const Jobs& jobs) {
  const auto keep = [&](const std::vector<ObjectPtr>& finished, std::int64_t limit) {
    const auto count = static_cast<std::int64_t>(finished.size());
    for (std::int64_t i = 0; i < count - limit; ++i) remove(cron_job, *finished[static_cast<std::size_t>(i)]);
  };
  keep(jobs.succeeded, int_at(cron_job, {"spec", "successfulJobsHistoryLimit"}, 3));
  keep(jobs.failed, int_at(cron_job, {"spec", "failedJobsHistoryLimit"}, 1));
}

void CronJobController::remove(const Json& cron_job, const Json& job) {
  const ObjectName name = name_of(job);
  if (!store_.remove(resources::kJobs, name, {.uid = uid_of(job), .resource_version = std::nullopt})) return;
  events_.normal(reference_to_cron_job(cron_job), kName, "SuccessfulDelete", "Deleted job " + name.name);
}

void CronJobController::follow_schedule(const Json& cron_job, Jobs& jobs, Json& status) {
  const auto schedule = CronSchedule::parse(text_at(cron_job, {"spec", "schedule"}));
  if (!schedule) {
    events_.warning(reference_to_cron_job(cron_job), kName, "UnparseableSchedule",
                    "unparseable schedule: " + schedule.error().message);
    return;
  }
  const base::Time now = clock_.now();
  base::Time since = time_at(cron_job, {"metadata", "creationTimestamp"}).value_or(now);
  if (const auto last = time_at(status, {"lastScheduleTime"})) since = *last;
  const Json* deadline = field_at(cron_job, {"spec", "startingDeadlineSeconds"});
  if (deadline) {
    since = std::max(since, now - std::chrono::seconds(int_at(cron_job, {"spec", "startingDeadlineSeconds"})));
  }
  // Of several times that were missed only the last is made up for.
  std::optional<base::Time> due;
  std::optional<base::Time> next = schedule->next_after(since);
  for (int missed = 0; next && *next <= now; ++missed) {
    due = next;
    next = schedule->next_after(missed < kMostMissed ? *next : now - std::chrono::minutes(1));
    if (next && *next <= *due) next = schedule->next_after(*due);
  }
  if (due) start(cron_job, *due, jobs, status);
  if (next) queue_.add_after(name_of(cron_job), *next - now);
}

void CronJobController::start(const Json& cron_job, base::Time at, Jobs& jobs, Json& status) {
  const std::string policy = text_or(cron_job, {"spec", "concurrencyPolicy"}, "Allow");
  const Json about = reference_to_cron_job(cron_job);
  if (policy == "Forbid" && !jobs.active.empty()) {
    events_.normal(about, kName, "JobAlreadyActive",
                   "Not starting job because prior execution is running and concurrency policy is Forbid");
    return;
  }
  if (policy == "Replace") {
    for (const ObjectPtr& job : std::exchange(jobs.active, {})) remove(cron_job, *job);
  }
  const auto created = store_.create(resources::kJobs, job_of(cron_job, at));
  if (!created && created.error().code != base::ErrorCode::kExists) {
    events_.warning(about, kName, "FailedCreate", "Error creating job: " + created.error().message);
    return;
  }
  status["lastScheduleTime"] = base::format_rfc3339(at);
  if (!created) return;
  jobs.active.push_back(*created);
  events_.normal(about, kName, "SuccessfulCreate", "Created job " + name_of(**created).name);
}

}  // namespace fakeapi
