// Pods that come, go, die, change, and are left out for a while; what a probe of one finds.
#include <algorithm>
#include <tuple>

#include "common/base/check.h"
#include "sim/mesh/mesh.h"

namespace sim {

void Mesh::add_pod(Ticks at, const PodTraits& traits) {
  CHECK(traits.service < services_.size(), "a pod belongs to a service");
  CHECK(traits.slowdown > 0.0 && traits.weight >= 0.0, "a pod has a speed and a weight");
  const auto slot = static_cast<std::uint32_t>(pods_.size());
  pods_.emplace_back(at, traits);
  completions_.add_pod();
  ++services_[traits.service].wanted;
  list(slot, at);
  send_calls(at);
}

void Mesh::remove_pod(std::uint32_t slot, Ticks at) {
  MeshPod& pod = pods_[slot];
  if (pod.died != kNever) return;  // by itself, maybe at this very tick
  CHECK(pod.wanted, "a pod is removed once");
  stop_measuring_pod(slot, at);
  pod.wanted = false;
  --service_of(pod).wanted;
  if (pod.ejected) --service_of(pod).ejected;
  pod.ejected = false;
  if (pod.listed) unlist(slot);
}

void Mesh::kill_pod(std::uint32_t slot, Ticks at) {
  kill(slot, at);
  send_calls(at);
}

void Mesh::change_pod(std::uint32_t slot, Ticks, const PodTraits& traits) {
  CHECK(traits.slowdown > 0.0, "a pod has a speed");
  pods_[slot].traits.slowdown = traits.slowdown;
  pods_[slot].traits.error_ratio = traits.error_ratio;
}

// Into the balancer; what a proxy holds back is let through.
void Mesh::list(std::uint32_t slot, Ticks now) {
  MeshPod& pod = pods_[slot];
  ServiceState& service = service_of(pod);
  pod.listed = true;
  ++service.listed;
  service.held += pod.held;
  if (service.central) {
    const std::uint32_t workers = std::min(service.options.workers, service.options.concurrency_limit.value_or(kNoPod));
    for (std::uint32_t i = pod.busy_workers; i < workers; ++i) service.idle.push_back(slot);
    start_waiting(service, now);
  } else {
    service.balancer.add(slot, pod.traits);
  }
  while (service.buffered.size > 0 && service.listed > 0) {
    const JobIndex j = service.buffered.head;
    service.buffered.erase(jobs_, j);
    jobs_[j].state = JobState::kUnsent;
    dispatch(service, j, now);
  }
}

void Mesh::unlist(std::uint32_t slot) {
  MeshPod& pod = pods_[slot];
  ServiceState& service = service_of(pod);
  pod.listed = false;
  --service.listed;
  service.held -= pod.held;
  if (service.central) {
    std::erase(service.idle, slot);
  } else {
    service.balancer.remove(slot);
  }
}

// What the pod holds fails, in order of arrival.
void Mesh::kill(std::uint32_t slot, Ticks now) {
  if (pods_[slot].died != kNever) return;
  if (pods_[slot].wanted) remove_pod(slot, now);
  MeshPod& pod = pods_[slot];
  ServiceState& service = service_of(pod);
  pod.died = now;
  std::vector<JobRef> lost;
  const std::vector<Job>& places = jobs_.places();
  for (JobIndex j = 0; j < places.size() && lost.size() < pod.held; ++j) {
    const Job& job = places[j];
    if (job.pod == slot && (job.state == JobState::kQueued || job.in_service())) lost.push_back(jobs_.ref(j));
  }
  std::sort(lost.begin(), lost.end(), [this](JobRef a, JobRef b) {
    const Job& x = jobs_[a.job];
    const Job& y = jobs_[b.job];
    return std::tie(x.at, x.id, x.tries, a.job) < std::tie(y.at, y.id, y.tries, b.job);
  });
  // All are out before anybody learns of it.
  for (const JobRef ref : lost) {
    count_held(jobs_[ref.job], now);
    count(jobs_[ref.job], Outcome::kError, now);
    jobs_[ref.job].state = JobState::kLeft;
    if (!service.central) service.balancer.departed(slot);
  }
  pod.running.clear(now, service.speed);
  foresee(slot);
  pod.queue = {};
  pod.held = pod.busy_workers = pod.calling = 0;
  for (const JobRef ref : lost) {
    if (!jobs_.is(ref)) continue;
    abandon_calls(ref.job, now);
    if (jobs_[ref.job].origin == Origin::kNobody) {
      jobs_.free(ref.job);
    } else {
      send_back(ref.job, Outcome::kError, now);
    }
  }
}

// An attempt was answered by the pod, well or with an error, or given up by its sender.
void Mesh::judge(std::uint32_t slot, bool good, Ticks now) {
  MeshPod& pod = pods_[slot];
  ServiceState& service = service_of(pod);
  if (!service.options.balancer.ejection || service.central) return;
  if (good) {
    pod.errors_in_a_row = 0;
    return;
  }
  const OutlierEjection& ejection = *service.options.balancer.ejection;
  if (++pod.errors_in_a_row < ejection.consecutive_errors || !pod.listed) return;
  if (static_cast<double>(service.ejected + 1) > ejection.most * service.wanted) return;
  pod.errors_in_a_row = 0;
  ++pod.times_ejected;
  pod.ejected = true;
  ++service.ejected;
  unlist(slot);
  due_.set_timer({now + ejection.base * pod.times_ejected, Timer::kReinstate, slot, 0});
}

void Mesh::reinstate(std::uint32_t slot, Ticks now) {
  MeshPod& pod = pods_[slot];
  if (!pod.ejected) return;
  pod.ejected = false;
  --service_of(pod).ejected;
  list(slot, now);
}

// First come first served: what the probe would wait for, exactly, but that a worker which waits for calls is taken to
// wait for as long again as it did. Sharing: the service time at the share that the probe would have now.
std::optional<Ticks> Mesh::probe(std::uint32_t slot, Ticks at) const {
  const MeshPod& pod = pods_[slot];
  const ServiceState& service = services_[pod.traits.service];
  if (pod.died != kNever) return std::nullopt;
  const Ticks own = service.demand_on(pod, service.options.service.mean, at);
  const Speed& speed = service.speed;
  if (service.sharing()) {
    if (pod.held >= service.room) return std::nullopt;
    const double most = static_cast<double>(speed.most) / static_cast<double>(std::int64_t{1} << speed.shift);
    const double share = std::min(1.0, most / (static_cast<double>(pod.running.size()) + 1.0));
    return static_cast<Ticks>(static_cast<double>(own) * (1.0 / share - 1.0)) + own;
  }
  if (pod.held >= service.room && !service.central) return std::nullopt;
  std::vector<Ticks> free_at;
  pod.running.done_times(speed, free_at);
  const Ticks called_for =
      pod.calling == 0
          ? 0
          : static_cast<Ticks>(pod.calling * static_cast<std::uint64_t>(at) - pod.calling_since) / pod.calling;
  free_at.insert(free_at.end(), pod.calling, at + called_for);
  if (free_at.size() < service.options.workers) return own;
  std::make_heap(free_at.begin(), free_at.end(), std::greater<>());
  for (JobIndex j = pod.queue.head; j != kNoJob; j = jobs_[j].after) {
    const Ticks start = std::max(at, free_at.front());
    if (time_is_over(jobs_[j], start)) continue;
    std::pop_heap(free_at.begin(), free_at.end(), std::greater<>());
    free_at.back() = start + jobs_[j].demand;
    std::push_heap(free_at.begin(), free_at.end(), std::greater<>());
  }
  return std::max<Ticks>(0, free_at.front() - at) + own;
}

void Mesh::start_measuring(Ticks at) {
  for (MeshPod& pod : pods_) pod.measured_busy = pod.running.busy(at, service_of(pod).speed);
}

void Mesh::stop_measuring(Ticks at) {
  for (std::uint32_t slot = 0; slot < pods_.size(); ++slot) {
    if (pods_[slot].wanted) stop_measuring_pod(slot, at);
  }
}

void Mesh::stop_measuring_pod(std::uint32_t slot, Ticks at) {
  const MeshPod& pod = pods_[slot];
  if (at < measured_.begin || at > measured_.end || pod.added >= measured_.end) return;
  ServiceState& service = service_of(pod);
  service.busy_time += static_cast<WideCount>(pod.running.busy(at, service.speed) - pod.measured_busy);
  service.available_time += static_cast<WideCount>(at - std::max(pod.added, measured_.begin)) * service.options.workers;
}

}  // namespace sim
