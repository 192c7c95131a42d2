// Makes a Job whenever a CronJob's schedule says so, and keeps no more finished ones than its history may hold.
//
// Single-threaded; owned by the Cluster.
#pragma once

#include <string>
#include <vector>

#include "common/base/clock.h"
#include "fake-apiserver/controllers/event_recorder.h"
#include "fake-apiserver/controllers/subscription.h"
#include "fake-apiserver/controllers/work_queue.h"
#include "fake-apiserver/controllers/write_limit.h"

namespace fakeapi {

class CronJobController {
 public:
  CronJobController(base::Duration delay, ObjectStore& store, base::Clock& clock, EventRecorder& events,
                    std::optional<WriteRate> rate = std::nullopt);

 private:
  // The Jobs of a CronJob, in the order of their creation.
  struct Jobs {
    std::vector<ObjectPtr> active;
    std::vector<ObjectPtr> succeeded;
    std::vector<ObjectPtr> failed;
  };

  void on_job(const StoreEvent& event);
  void sync(const ObjectName& name);
  Jobs jobs_of(const Json& cron_job) const;
  void clean_up(const Json& cron_job, const Jobs& jobs);
  void remove(const Json& cron_job, const Json& job);
  // Runs what is due and asks to be called when the next time comes.
  void follow_schedule(const Json& cron_job, Jobs& jobs, Json& status);
  void start(const Json& cron_job, base::Time at, Jobs& jobs, Json& status);

  ObjectStore& store_;
  base::Clock& clock_;
  EventRecorder& events_;
  WriteMeter meter_;
  WorkQueue queue_;
  Subscription cron_jobs_;
  Subscription jobs_;
};

}  // namespace fakeapi
