// Runs Jobs: so many pods at a time until so many have succeeded, by number or by index; and removes those that are
// finished for long enough.
//
// Single-threaded; owned by the Cluster. A pod counts while its object is there: none is held by a finalizer.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "fake-apiserver/controllers/event_recorder.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/pod_admission.h"
#include "fake-apiserver/controllers/pod_cache.h"
#include "fake-apiserver/controllers/retry_delays.h"
#include "fake-apiserver/controllers/subscription.h"
#include "fake-apiserver/controllers/work_queue.h"
#include "fake-apiserver/controllers/write_limit.h"

namespace fakeapi {

// Of a Job or a pod of one.
inline constexpr const char* kCompletionIndexKey = "batch.kubernetes.io/job-completion-index";

class JobController {
 public:
  // Without `removes_finished` spec.ttlSecondsAfterFinished is not obeyed.
  JobController(base::Duration delay, bool removes_finished, ObjectStore& store, base::Clock& clock, PodCache& pods,
                EventRecorder& events, base::Metrics& metrics, PodAdmission admission = {},
                std::optional<WriteRate> rate = std::nullopt);

 private:
  // A Job's spec with Kubernetes' defaults, and the pods it has.
  struct View {
    ObjectPtr object;
    ObjectName name;
    std::int64_t parallelism = 1;
    std::int64_t completions = 1;  // -1: any success is enough
    bool indexed = false;
    bool suspended = false;
    std::vector<const Pod*> active;
    std::int64_t succeeded = 0;
    std::int64_t failed = 0;
    std::int64_t ready = 0;
    std::int64_t restarts = 0;     // of containers of the active pods
    std::set<std::int64_t> done;   // indexes that have succeeded
    std::set<std::int64_t> taken;  // indexes that an active pod has
    base::Time last_failure{};
  };

  void on_job(const StoreEvent& event);
  void on_pod(const Pod* before, const Pod* after);
  void sync(const ObjectName& name);
  View view_of(const ObjectPtr& job) const;
  void expire(const View& job);
  bool suspend_or_resume(const View& job, Json& status);
  // The condition that ends the Job, with no type if nothing does.
  Condition verdict_of(const View& job);
  void finish(const View& job, const Condition& verdict, Json& status);
  void manage(const View& job);
  std::int64_t wanted(const View& job) const;
  void create_pods(const View& job, std::int64_t count);
  void delete_pods(const View& job, std::int64_t count);
  void write(const View& job, Json status);

  const bool removes_finished_;
  ObjectStore& store_;
  base::Clock& clock_;
  PodCache& pods_;
  EventRecorder& events_;
  const PodAdmission admission_;
  base::Metrics& metrics_;
  WriteMeter meter_;
  WorkQueue queue_;
  RetryDelays retries_;
  Subscription subscription_;
};

// "0-2,4": indexes in the form of status.completedIndexes.
std::string index_text(const std::set<std::int64_t>& indexes);

}  // namespace fakeapi
