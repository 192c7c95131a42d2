// The status that a kubelet writes as a pod comes up. Pure functions that change the status of one pod object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "common/base/time.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi::pod_status {

// The kubelet has seen the pod: startTime, hostIP, containers waiting, conditions all there and not ready. With init
// containers those come first.
void acknowledge(const Json& pod, Json& status, const std::string& host_ip, base::Time now);

// Which containers of the pod a change is about.
enum class Group { kInit, kMain };

// Those that wait do so for `reason` ("ErrImagePull"), all or the one at `only`.
void wait(Json& status, Group group, std::optional<std::size_t> only, const std::string& reason,
          const std::string& message);
// The init container at `index` runs; `restarts` of it so far.
void run_init(const Json& pod, Json& status, std::size_t index, std::int64_t restarts, base::Time now);
// A sidecar is ready as soon as it runs.
void sidecar_ready(Json& status, std::size_t index);
struct InitEnd {
  std::size_t index = 0;
  int exit_code = 0;
  base::Duration back_off{};  // until the next start, if there is one
};
void end_init(const Json& pod, Json& status, const InitEnd& end, base::Time now);
// The last init container is done: the others may start.
void initialize(Json& status, base::Time now);

// All containers run; they are not ready yet.
void run(const Json& pod, Json& status, const std::string& pod_ip, base::Time now);

// The containers have not passed their startup probe yet, or they have.
void set_started(Json& status, bool started);

// All containers and the pod are ready.
void become_ready(Json& status, base::Time now);
// They run, but do not answer their readiness probe.
void become_unready(const Json& pod, Json& status, base::Time now);

struct ContainerEnd {
  std::string reason;  // "OOMKilled", "Error"
  base::Time started{};
  base::Duration back_off{};       // until the next start, if that is delayed
  std::optional<int> exit_code{};  // else 0 for "Completed" and that of SIGKILL for the rest
};
// All containers have ended now, and are not ready.
void end_containers(const Json& pod, Json& status, const ContainerEnd& end, base::Time now);
// All containers have ended now and for good: Succeeded or Failed by `succeeded`. `reason` and `message` are the pod's,
// empty if the containers ended by themselves.
struct PodEnd {
  bool succeeded = true;
  std::string reason{};
  std::string message{};
};
void finish(const Json& pod, Json& status, const ContainerEnd& containers, const PodEnd& end, base::Time now);
// They run anew, counted as a restart; not ready yet.
void run_again(const Json& pod, Json& status, base::Time now);

// What a kubelet says of the pod is again as in `told`; the rest, such as conditions of others, stays.
void put_right(const Json& told, Json& status);

// "BestEffort", "Burstable" or "Guaranteed", from the pod's requests and limits for CPU and memory.
std::string quality_of_service(const Json& pod);

}  // namespace fakeapi::pod_status
