// In front of the pods of a service, in them, and out of them again.
#include "sim/mesh/mesh.h"

namespace sim {

void Mesh::receive(JobIndex j, Ticks now) {
  Job& job = jobs_[j];
  ServiceState& service = services_[job.service];
  service.counts.received += static_cast<std::uint64_t>(job.measured);
  if (!service.outages.empty() && service.is_out(now)) return conclude(j, Outcome::kError, now);
  if (service.listed > 0) [[likely]]
    return dispatch(service, j, now);
  if (!service.options.front_proxy || service.buffered.size >= service.options.front_proxy->buffer) {
    return conclude(j, Outcome::kRejected, now);
  }
  job.state = JobState::kBuffered;
  service.buffered.push_back(jobs_, j);
  due_.set_timer({now + service.options.front_proxy->timeout, Timer::kProxyTimeout, j, job.generation});
  wait_with_patience(j, now);
}

void Mesh::dispatch(ServiceState& service, JobIndex j, Ticks now) {
  if (service.central) return receive_central(service, j, now);
  const auto asker = [&] {
    const Job& job = jobs_[j];
    Asker who{.client = job.id, .zone = 0, .now = now};
    if (job.origin == Origin::kUser) who.client = users_[job.source].identity(job.caller);
    if (job.origin == Origin::kViewer) who.client = job.caller;
    // A call comes from where its caller runs.
    who.zone = job.origin == Origin::kCall ? pods_[jobs_[job.caller].pod].traits.zone
                                           : static_cast<std::uint32_t>(mix64(job.id) >> 32) % service.options.zones;
    return who;
  };
  const std::uint32_t slot = service.balancer.pick(asker, [this](std::uint32_t s) { return pods_[s].held; });
  if (slot == kNoPod) return conclude(j, Outcome::kRejected, now);
  admit(service, slot, j, now);
}

void Mesh::admit(ServiceState& service, std::uint32_t slot, JobIndex j, Ticks now) {
  MeshPod& pod = pods_[slot];
  ++pod.counters.received;
  if (pod.held >= service.room) {
    ++pod.counters.rejected;
    return conclude(j, Outcome::kRejected, now);
  }
  Job& job = jobs_[j];
  job.pod = slot;
  ++pod.held;
  ++service.held;
  service.balancer.arrived(slot);
  if (pod.busy_workers < service.options.workers || service.sharing()) {
    serve(service, slot, j, now);
  } else {
    job.state = JobState::kQueued;
    job.demand = service.demand_on(pod, job.demand, now);
    pod.queue.push_back(jobs_, j);
    wait_with_patience(j, now);
  }
  check_memory(service, slot, now);
}

// A worker, or a share of them, is there for the attempt.
void Mesh::serve(ServiceState& service, std::uint32_t slot, JobIndex j, Ticks now) {
  MeshPod& pod = pods_[slot];
  Job& job = jobs_[j];
  if (job.state != JobState::kQueued) job.demand = service.demand_on(pod, job.demand, now);
  job.state = JobState::kRunning;
  job.start = now;
  ++pod.busy_workers;
  pod.running.admit(now, std::min(job.demand, RunningSet::kLongestDemand), j, service.speed);
  foresee(slot);
}

// A worker became free. Those whose time is over at this very tick leave by themselves.
void Mesh::start_next(ServiceState& service, std::uint32_t slot, Ticks now) {
  MeshPod& pod = pods_[slot];
  if (pod.busy_workers >= service.options.workers) return;
  for (JobIndex j = pod.queue.head; j != kNoJob; j = jobs_[j].after) {
    if (time_is_over(jobs_[j], now)) continue;
    pod.queue.erase(jobs_, j);
    return serve(service, slot, j, now);
  }
}

void Mesh::receive_central(ServiceState& service, JobIndex j, Ticks now) {
  if (!service.idle.empty()) {
    ++service.held;
    return start_central(service, j, now);
  }
  if (service.waiting.size >= std::uint64_t{service.queue_limit} * service.listed) {
    return conclude(j, Outcome::kRejected, now);
  }
  ++service.held;
  jobs_[j].state = JobState::kCentral;
  service.waiting.push_back(jobs_, j);
  wait_with_patience(j, now);
}

// On the worker that is idle for longest. REQUIRES: one is.
void Mesh::start_central(ServiceState& service, JobIndex j, Ticks now) {
  const std::uint32_t slot = service.idle.front();
  service.idle.pop_front();
  MeshPod& pod = pods_[slot];
  ++pod.counters.received;
  ++pod.held;
  jobs_[j].pod = slot;
  serve(service, slot, j, now);
  check_memory(service, slot, now);
}

void Mesh::start_waiting(ServiceState& service, Ticks now) {
  for (JobIndex j = service.waiting.head; j != kNoJob && !service.idle.empty();) {
    if (time_is_over(jobs_[j], now)) {
      j = jobs_[j].after;
      continue;
    }
    service.waiting.erase(jobs_, j);
    start_central(service, j, now);
    j = service.waiting.head;  // a pod that died of it may have changed who waits
  }
}

void Mesh::wait_with_patience(JobIndex j, Ticks now) {
  const Job& job = jobs_[j];
  if (!patience_ || job.edge != kClientEdge) return;
  const std::uint64_t bits = mix64(edges_[kClientEdge].rules.draw(job.id, job.tries) ^ hash_key_);
  const auto patience = std::max<Ticks>(1, static_cast<Ticks>((*patience_)(static_cast<std::uint32_t>(bits))));
  due_.set_timer({now + patience, Timer::kPatience, j, job.generation});
}

void Mesh::check_memory(const ServiceState& service, std::uint32_t slot, Ticks now) {
  const MemoryOptions& memory = service.options.memory;
  if (!memory.limit || memory.base + memory.per_request * pods_[slot].held <= *memory.limit) return;
  deaths_.emplace_back(slot, now);
  kill(slot, now);
}

void Mesh::count_held(const Job& job, Ticks now) {
  if (job.service == 0) held_time_ += static_cast<WideCount>(measured_.clip(now) - measured_.clip(job.at));
}

// Out of the pod, which goes on with what waits. The running set does not have the attempt any more.
void Mesh::release(JobIndex j, Ticks now) {
  Job& job = jobs_[j];
  const std::uint32_t slot = job.pod;
  MeshPod& pod = pods_[slot];
  ServiceState& service = services_[job.service];
  const bool frees_worker = job.in_service();
  job.state = JobState::kLeft;
  count_held(job, now);
  --pod.held;
  if (pod.listed) --service.held;
  if (!service.central) service.balancer.departed(slot);
  if (!frees_worker) return;
  --pod.busy_workers;
  if (!service.central) {
    if (pod.queue.size > 0) start_next(service, slot, now);
  } else if (pod.listed) {
    service.idle.push_back(slot);
    start_waiting(service, now);
  }
}

// Out of wherever the service has it. Its own calls are abandoned.
void Mesh::take_out(JobIndex j, Ticks now) {
  Job& job = jobs_[j];
  ServiceState& service = services_[job.service];
  switch (job.state) {
    case JobState::kBuffered:
      service.buffered.erase(jobs_, j);
      count_held(job, now);
      job.state = JobState::kLeft;
      return;
    case JobState::kCentral:
      service.waiting.erase(jobs_, j);
      --service.held;
      count_held(job, now);
      job.state = JobState::kLeft;
      return;
    case JobState::kQueued: pods_[job.pod].queue.erase(jobs_, j); return release(j, now);
    case JobState::kRunning: {
      const std::uint32_t slot = job.pod;
      pods_[slot].running.erase(now, j, service.speed);
      release(j, now);
      return foresee(slot);
    }
    case JobState::kCalling: {
      MeshPod& pod = pods_[job.pod];
      --pod.calling;
      pod.calling_since -= static_cast<std::uint64_t>(job.demand);
      abandon_calls(j, now);  // which may make attempts, so that `job` is no more
      return release(j, now);
    }
    default: return;
  }
}

// The attempt is out of the service, with that outcome.
void Mesh::conclude(JobIndex j, Outcome outcome, Ticks now) {
  if (jobs_[j].origin == Origin::kNobody) return jobs_.free(j);
  count(jobs_[j], outcome, now);
  send_back(j, outcome, now);
}

void Mesh::count(const Job& job, Outcome outcome, Ticks now) {
  if (!job.measured || job.origin == Origin::kNobody) return;
  ServiceState& service = services_[job.service];
  switch (outcome) {
    case Outcome::kAnswered:
      ++service.counts.answered;
      service.latency.add(now - job.at);
      service.latency_sum += static_cast<WideCount>(now - job.at);
      return;
    case Outcome::kRejected: ++service.counts.rejected; return;
    case Outcome::kError: ++service.counts.errors; return;
    case Outcome::kTimedOut: ++service.counts.timed_out; return;
  }
}

// The whole of the way there and back lies after the service, where it is the same to the sender.
void Mesh::send_back(JobIndex j, Outcome outcome, Ticks now) {
  Job& job = jobs_[j];
  job.outcome = outcome;
  job.state = JobState::kReturning;
  const Ticks delay = due_.returns.delay(job.delay);
  if (delay == 0) return come_back(j, now);
  const bool plain = outcome == Outcome::kAnswered && job.origin == Origin::kOpen && job.twin == kNoJob;
  if (!plain || client_.hedging) {
    due_.returns.push(job.delay, now, jobs_.ref(j));
    return due_.expect(now + delay);
  }
  // Nobody but the recorder waits for it, so it need not happen at its time.
  if (now + delay - job.at > edges_[kClientEdge].timeout) return;
  record_answer(job, now + delay);
  jobs_.free(j);
}

}  // namespace sim
