#include <algorithm>
#include <utility>

#include "fake-apiserver/controllers/kubelet.h"
#include "fake-apiserver/controllers/object_fields.h"

// Pods that came to their nodes before the kubelet was there: it goes on where their status says that they are.
namespace fakeapi {
namespace {

constexpr base::Duration kFirstBackOff = std::chrono::seconds(10);
constexpr base::Duration kLongestBackOff = std::chrono::minutes(5);

base::Duration after(base::Duration back_off) {
  return std::min(kLongestBackOff, std::max(kFirstBackOff, 2 * back_off));
}

}  // namespace

void Kubelet::resume(const Pod& pod, Life& life, const RunSoFar& run) {
  using State = RunSoFar::State;
  const std::vector<ContainerSpec> inits = containers_of(*pod.object, "initContainers");
  const bool untold = run.state == State::kNothing && pod.phase == PodPhase::kRunning;
  const bool begun = untold || (run.initialized && (run.state == State::kRuns || run.state == State::kEnded));
  life.inits = begun ? inits.size() : run.inits;
  life.restarts = run.restarts;
  if (life.plan.deadline && run.acknowledged) {
    const base::Duration left = *run.acknowledged + *life.plan.deadline - clock_.now();
    plan(life, std::max(base::Duration::zero(), left), &Kubelet::exceed_deadline, kDeadline);
  }
  if (!begun) return resume_start(life, run);
  if (pulls_) {
    for (const ContainerSpec& container : inits) pulls_->hold(pod.node, container.image);
    for (const ContainerSpec& container : containers_of(*pod.object, "containers")) {
      pulls_->hold(pod.node, container.image);
    }
  }
  resume_application(pod, life, run);
}

void Kubelet::resume_application(const Pod& pod, Life& life, const RunSoFar& run) {
  life.boot = draw(life.options->boot, "kubelet/boot", pod, life.restarts);
  if (run.state == RunSoFar::State::kEnded) {
    life.back_off = after(run.back_off);
    const base::Duration wait = std::max(run.back_off, life.options->restart_delay);
    return plan(life, std::max(base::Duration::zero(), run.ended + wait - clock_.now()), &Kubelet::start_again);
  }
  // That of the next end: the present start was put off by half of it.
  if (run.restarts > 0) life.back_off = after(run.back_off);
  life.started = run.started;
  life.running = true;
  watch_containers(life, pod.ready);
}

void Kubelet::resume_start(Life& life, const RunSoFar& run) {
  const base::Time now = clock_.now();
  const auto until = [now](base::Time at) { return std::max(base::Duration::zero(), at - now); };
  life.back_off = run.back_off;
  if (!run.initialized && run.state == RunSoFar::State::kRuns) {
    life.started = run.started;
    return plan(life, until(run.started + life.plan.init_runs_for), &Kubelet::end_init);
  }
  if (!run.initialized && run.state == RunSoFar::State::kEnded) {
    ++life.restarts;
    return plan(life, until(run.ended + run.back_off), &Kubelet::start_init);
  }
  // Not even its status is complete: as if it had just come.
  if (run.state == RunSoFar::State::kNothing) return plan(life, base::Duration::zero(), &Kubelet::acknowledge);
  const base::Time prepared = run.acknowledged.value_or(now) + life.container_delay;
  plan(life, run.inits > 0 ? base::Duration::zero() : until(prepared), &Kubelet::prepare);
}

}  // namespace fakeapi
