#include <algorithm>
#include <utility>

#include "fake-apiserver/controllers/kubelet.h"
#include "fake-apiserver/controllers/object_fields.h"

// What happens to containers that run: probes, restarts, their end.
namespace fakeapi {
namespace {

// The kubelet's defaults for CrashLoopBackOff.
constexpr base::Duration kFirstBackOff = std::chrono::seconds(10);
constexpr base::Duration kLongestBackOff = std::chrono::minutes(5);
constexpr base::Duration kForgiven = std::chrono::minutes(10);

}  // namespace

void Kubelet::watch_containers(Life& life, bool ready) {
  if (life.plan.runs_for) {
    const base::Time end = life.started + *life.plan.runs_for;
    plan(life, std::max(base::Duration::zero(), end - clock_.now()), &Kubelet::complete, kEnd);
  }
  life.answers = life.started + life.boot;
  const auto startup = ready ? std::nullopt : probe_in_spec(life, "startupProbe");
  if (!startup) return await_readiness(life, ready);
  const base::Time passes = first_success(*startup, life.started, life.answers);
  const int more_tries = std::max(0, startup->failure_threshold - 1);
  const base::Time gives_up = first_success(*startup, life.started, life.started) + more_tries * startup->period;
  life.answers = passes;
  if (passes <= gives_up) return plan(life, passes - clock_.now(), &Kubelet::pass_startup);
  plan(life, gives_up - clock_.now(), &Kubelet::fail_startup);
}

void Kubelet::pass_startup(Life& life) {
  const auto readiness = probe_of(life, ProbeKind::kReadiness);
  const bool ready = !(readiness && readiness->does_work) && until_ready(life) <= base::Duration::zero();
  (void)write_status(life, [&](Json&, Json& status) {
    pod_status::set_started(status, true);
    if (ready) pod_status::become_ready(status, clock_.now());
  });
  await_readiness(life, ready);
}

void Kubelet::fail_startup(Life& life) {
  tell_containers(
      life, "Unhealthy", [](const auto&) { return std::string("Startup probe failed: connection refused"); }, true);
  tell_containers(life, "Killing", [](const ContainerSpec& container) {
    return "Container " + container.name + " failed startup probe, will be restarted";
  });
  (void)end_run(life, "Error", std::nullopt);
}

// Either the one moment when a pod that always passes is seen Ready, or probes for as long as it runs.
void Kubelet::await_readiness(Life& life, bool ready) {
  const Prober::Subject subject{life.name, life.uid, life.started, life.answers};
  const auto readiness = probe_of(life, ProbeKind::kReadiness);
  if (readiness && readiness->does_work) {
    prober_.start(subject, ProbeKind::kReadiness, *readiness, ready);
  } else if (!ready) {
    plan(life, until_ready(life), &Kubelet::become_ready);
  }
  const auto liveness = probe_of(life, ProbeKind::kLiveness);
  if (liveness && liveness->does_work) prober_.start(subject, ProbeKind::kLiveness, *liveness, true);
}

void Kubelet::become_ready(Life& life) {
  (void)write_status(life, [&](Json&, Json& status) { pod_status::become_ready(status, clock_.now()); });
}

void Kubelet::become_unready(Life& life) {
  metrics_.increment("fakeapi_kubelet_unready_pods_total", "Pods that failed their readiness probe after passing it.");
  (void)write_status(life, [&](Json& pod, Json& status) { pod_status::become_unready(pod, status, clock_.now()); });
}

void Kubelet::on_probe(const std::string& uid, const Prober::Result& result) {
  const auto found = lives_.find(uid);
  if (found == lives_.end()) return;
  Life& life = found->second;
  const Pod* pod = silent_.empty() ? nullptr : pods_.find(life.name);
  const bool liveness = result.kind == ProbeKind::kLiveness;
  if (pod && silent_.contains(pod->node)) {
    if (!result.changes_verdict) return;
    if (!liveness) {
      const Step step = result.passed ? &Kubelet::become_ready : &Kubelet::become_unready;
      return postpone(pod->node, Postponed{uid, kReadinessVerdict, step});
    }
    if (!result.passed) postpone(pod->node, Postponed{uid, kLivenessVerdict, &Kubelet::fail_liveness});
    return;
  }
  if (!result.passed) {
    metrics_.increment("fakeapi_kubelet_failed_probes_total", "Probes that an application failed.",
                       {{"probe", liveness ? "liveness" : "readiness"}});
    const std::string why = result.timed_out ? "context deadline exceeded" : "connection refused";
    tell_containers(
        life, "Unhealthy",
        [&](const auto&) { return (liveness ? "Liveness" : "Readiness") + (" probe failed: " + why); }, true);
  }
  if (!result.changes_verdict) return;
  if (!liveness) return result.passed ? become_ready(life) : become_unready(life);
  if (!result.passed) fail_liveness(life);
}

void Kubelet::fail_liveness(Life& life) {
  tell_containers(life, "Killing", [](const ContainerSpec& container) {
    return "Container " + container.name + " failed liveness probe, will be restarted";
  });
  (void)end_run(life, "Error", std::nullopt);
}

bool Kubelet::restart(const ObjectName& name, const std::string& reason) {
  const Pod* pod = pods_.find(name);
  const auto found = pod ? lives_.find(pod->uid) : lives_.end();
  if (found == lives_.end() || !found->second.running || found->second.ending) return false;
  return end_run(found->second, reason, std::nullopt);
}

// The containers came to their end by themselves.
void Kubelet::complete(Life& life) {
  if (!life.running || life.ending) return;
  const int code = life.plan.exit_code;
  (void)end_run(life, code == 0 ? "Completed" : "Error", code);
}

// The containers have ended now: for good, or until they are started again.
bool Kubelet::end_run(Life& life, const std::string& reason, std::optional<int> exit_code) {
  const base::Time now = clock_.now();
  life.running = false;
  prober_.stop(life.uid);
  timers_.cancel(life.alarms[kEnd]);
  for (const Alarm alarm : {kEnd, kReadinessVerdict, kLivenessVerdict}) drop_postponed(life, alarm);
  constexpr int kKilled = 137;
  const int code = exit_code.value_or(reason == "Completed" ? 0 : kKilled);
  if (!starts_again(life.plan.restart, code)) {
    finish(life, {.reason = reason, .started = life.started, .exit_code = exit_code}, {.succeeded = code == 0});
    return true;
  }
  if (now - life.started >= kForgiven) life.back_off = base::Duration::zero();
  const base::Duration wait = life.back_off;
  life.back_off = std::min(kLongestBackOff, std::max(kFirstBackOff, 2 * life.back_off));
  metrics_.increment("fakeapi_kubelet_ended_containers_total", "Pods whose containers ended and are restarted.",
                     {{"reason", reason}});
  plan(life, std::max(wait, life.options->restart_delay), &Kubelet::start_again);
  const bool written = write_status(life, [&](Json& object, Json& status) {
    const pod_status::ContainerEnd end{
        .reason = reason, .started = life.started, .back_off = wait, .exit_code = exit_code};
    pod_status::end_containers(object, status, end, now);
  });
  if (written && wait > base::Duration::zero()) {
    tell_containers(
        life, "BackOff",
        [&](const ContainerSpec& container) {
          return "Back-off restarting failed container " + container.name + " in pod " + life.name.name;
        },
        true);
  }
  return written;
}

void Kubelet::finish(Life& life, const pod_status::ContainerEnd& containers, const pod_status::PodEnd& end) {
  metrics_.increment("fakeapi_kubelet_finished_pods_total", "Pods whose containers ended for good.",
                     {{"phase", end.succeeded ? "Succeeded" : "Failed"}});
  // `life` ends with this write.
  (void)write_status(
      life, [&](Json& object, Json& status) { pod_status::finish(object, status, containers, end, clock_.now()); });
}

void Kubelet::exceed_deadline(Life& life) {
  if (life.ending) return;
  tell(life, "DeadlineExceeded", {ContainerSpec{}},
       [](const auto&) { return std::string("Pod was active on the node longer than the specified deadline"); });
  finish(life, {.reason = "Error", .started = life.started},
         {.succeeded = false,
          .reason = "DeadlineExceeded",
          .message = "Pod was active on the node longer than the specified deadline"});
}

void Kubelet::start_again(Life& life) {
  const Pod* pod = pods_.find(life.name);
  if (!pod) return;
  life.started = clock_.now();
  life.running = true;
  life.boot = draw(life.options->boot, "kubelet/boot", *pod, ++life.restarts);
  const std::vector<ContainerSpec> containers = containers_of(*pod->object, "containers");
  const bool startup = probe_in_spec(life, "startupProbe").has_value();
  const bool written = write_status(life, [&](Json& object, Json& status) {
    pod_status::run_again(object, status, clock_.now());
    if (startup) pod_status::set_started(status, false);
  });
  if (!written) return;
  tell_start(life, containers);
  watch_containers(life, false);
}

base::Duration Kubelet::until_ready(const Life& life) const {
  const auto probe = probe_of(life, ProbeKind::kReadiness);
  if (!probe) return life.answers - clock_.now();
  const int more = std::max(0, probe->success_threshold - 1);
  return first_success(*probe, life.started, life.answers) + more * probe->period - clock_.now();
}

std::optional<ProbeOptions> Kubelet::probe_of(const Life& life, ProbeKind kind) const {
  const bool readiness = kind == ProbeKind::kReadiness;
  auto probe = readiness ? life.options->readiness_probe : life.options->liveness_probe;
  if (!probe) return probe_in_spec(life, readiness ? "readinessProbe" : "livenessProbe");
  return with_phase(life, *probe);
}

// On the grid of this container's probes, if those begin somewhere in the first period.
ProbeOptions Kubelet::with_phase(const Life& life, ProbeOptions probe) {
  if (life.probe_phase) {
    const double part = static_cast<double>(probe.period.count()) * *life.probe_phase;
    probe.phase = base::Duration(static_cast<std::int64_t>(part));
  }
  return probe;
}

std::optional<ProbeOptions> Kubelet::probe_in_spec(const Life& life, const char* field) const {
  const Pod* pod = pods_.find(life.name);
  const Json* containers = pod ? field_at(*pod->object, {"spec", "containers"}) : nullptr;
  if (!containers || !containers->is_array()) return std::nullopt;
  for (const Json& container : *containers) {
    const Json* probe = field_at(container, {field});
    if (!probe) continue;
    const auto seconds = [&](const char* name, std::int64_t otherwise) {
      return std::chrono::seconds(int_at(*probe, {name}, otherwise));
    };
    ProbeOptions options{.initial_delay = seconds("initialDelaySeconds", 0),
                         .period = seconds("periodSeconds", 10),
                         .timeout = seconds("timeoutSeconds", 1),
                         .success_threshold = static_cast<int>(int_at(*probe, {"successThreshold"}, 1)),
                         .failure_threshold = static_cast<int>(int_at(*probe, {"failureThreshold"}, 3)),
                         .does_work = life.options->spec_probes_do_work};
    return with_phase(life, options);
  }
  return std::nullopt;
}

}  // namespace fakeapi
