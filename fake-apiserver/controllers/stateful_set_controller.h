// Keeps StatefulSets: pods with numbers for names, made and ended one after the other, updated from the last down.
//
// Single-threaded; owned by the Cluster. Templates are kept as ControllerRevisions; claims of volumes are not made.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "fake-apiserver/controllers/event_recorder.h"
#include "fake-apiserver/controllers/pod_admission.h"
#include "fake-apiserver/controllers/pod_cache.h"
#include "fake-apiserver/controllers/pod_claims.h"
#include "fake-apiserver/controllers/retry_delays.h"
#include "fake-apiserver/controllers/subscription.h"
#include "fake-apiserver/controllers/work_queue.h"
#include "fake-apiserver/controllers/write_limit.h"

namespace fakeapi {

class StatefulSetController {
 public:
  StatefulSetController(base::Duration delay, ObjectStore& store, base::Clock& clock, PodCache& pods,
                        EventRecorder& events, PodAdmission admission = {},
                        std::optional<WriteRate> rate = std::nullopt);

 private:
  // A set as one sync sees it.
  struct View {
    ObjectPtr object;
    ObjectName name;
    std::int64_t first = 0;  // the ordinal of the first pod
    std::int64_t replicas = 1;
    std::int64_t partition = 0;
    bool ordered = true;
    bool on_delete = false;
    std::string current;  // names of ControllerRevisions
    std::string update;
    std::map<std::int64_t, const Pod*> pods;  // by ordinal
  };

  void on_pod(const Pod* before, const Pod* after);
  void sync(const ObjectName& name);
  View view_of(const ObjectPtr& set);
  std::map<std::int64_t, const Pod*> pods_of(const Json& set) const;
  // Each does the next thing that may be done; false if there is nothing left to do or to wait for.
  bool fill(const View& view);
  bool shrink(const View& view);
  bool update(const View& view);
  bool create_pod(const View& view, std::int64_t ordinal);
  void delete_pod(const View& view, const Pod& pod);
  Json pod_of(const View& view, std::int64_t ordinal) const;
  void write_status(const View& view);
  void forget_old(const View& view);

  ObjectStore& store_;
  PodCache& pods_;
  EventRecorder& events_;
  const PodAdmission admission_;
  WriteMeter meter_;
  WorkQueue queue_;
  RetryDelays retries_;
  PodClaims claims_;
  Subscription subscription_;
};

}  // namespace fakeapi
