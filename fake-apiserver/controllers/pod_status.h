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

// "BestEffort", "Burstable" or "Guaranteed", from the pod's requests and limits for CPU and memory.
std::string quality_of_service(const Json& pod);

}  // namespace fakeapi::pod_status
