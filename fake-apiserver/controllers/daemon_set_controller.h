// Keeps a pod of each DaemonSet on every node that its selector and tolerations allow.
//
// Single-threaded; owned by the Cluster. It ties each pod to its node; the scheduler binds it.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "fake-apiserver/controllers/event_recorder.h"
#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/pod_admission.h"
#include "fake-apiserver/controllers/pod_cache.h"
#include "fake-apiserver/controllers/pod_claims.h"
#include "fake-apiserver/controllers/retry_delays.h"
#include "fake-apiserver/controllers/subscription.h"
#include "fake-apiserver/controllers/work_queue.h"
#include "fake-apiserver/controllers/write_limit.h"

namespace fakeapi {

class DaemonSetController {
 public:
  DaemonSetController(base::Duration delay, ObjectStore& store, base::Clock& clock, PodCache& pods, NodeTable& nodes,
                      EventRecorder& events, PodAdmission admission = {}, std::optional<WriteRate> rate = std::nullopt);

 private:
  using ByNode = std::map<std::string, const Pod*>;

  void on_pod(const Pod* before, const Pod* after);
  void enqueue_all();
  void sync(const ObjectName& name);
  ByNode pods_by_node(const Json& set) const;
  void place(const Json& set, const std::string& hash);
  void update(const Json& set, const std::string& hash);
  bool create_pod(const Json& set, const std::string& hash, const std::string& node);
  void delete_pod(const Json& set, const Pod& pod);
  void write_status(const Json& set, const std::string& hash);
  void forget_old(const Json& set, const std::string& present);

  ObjectStore& store_;
  PodCache& pods_;
  NodeTable& nodes_;
  EventRecorder& events_;
  const PodAdmission admission_;
  WriteMeter meter_;
  WorkQueue queue_;
  RetryDelays retries_;
  PodClaims claims_;
  Subscription sets_;
  Subscription node_changes_;
};

}  // namespace fakeapi
