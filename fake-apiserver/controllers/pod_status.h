// The status that a kubelet writes as a pod comes up. Pure functions that change the status of one pod object.
#pragma once

#include <string>

#include "common/base/time.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi::pod_status {

// The kubelet has seen the pod: startTime, hostIP, containers waiting, conditions all there and not ready.
void acknowledge(const Json& pod, Json& status, const std::string& host_ip, base::Time now);

// All containers run; they are not ready yet.
void run(const Json& pod, Json& status, const std::string& pod_ip, base::Time now);

// All containers and the pod are ready.
void become_ready(Json& status, base::Time now);
// They run, but do not answer their readiness probe.
void become_unready(const Json& pod, Json& status, base::Time now);

struct ContainerEnd {
  std::string reason;  // "OOMKilled", "Error"
  base::Time started{};
  base::Duration back_off{};  // until the next start, if that is delayed
};
// All containers have ended now, and are not ready.
void end_containers(const Json& pod, Json& status, const ContainerEnd& end, base::Time now);
// They run anew, counted as a restart; not ready yet.
void run_again(const Json& pod, Json& status, base::Time now);

// "BestEffort", "Burstable" or "Guaranteed", from the pod's requests and limits for CPU and memory.
std::string quality_of_service(const Json& pod);

}  // namespace fakeapi::pod_status
