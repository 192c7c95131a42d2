#include "fake-apiserver/controllers/kubelet.h"

#include <algorithm>
#include <utility>

#include "common/base/time_format.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/resources.h"
#include "fake-apiserver/store/bounded_seconds.h"

// How pods come to a kubelet and leave it. Their start is in kubelet_start.cc, their run in kubelet_run.cc, what they
// go on from in kubelet_resume.cc.
namespace fakeapi {
namespace {

constexpr const char* kName = "kubelet";
constexpr base::Duration kDrainPoll = std::chrono::seconds(1);

bool is_bound(const Pod* pod) { return pod && !pod->node.empty() && !pod->finished(); }

// Of the Deployment whose ReplicaSet made the pod: <deployment>-<hash>.
std::string deployment_of(const Pod& pod) {
  const std::string hash = "-" + text_at(*pod.object, {"metadata", "labels", "pod-template-hash"});
  if (hash.size() == 1 || !pod.owner_name.ends_with(hash)) return pod.owner_name;
  return pod.owner_name.substr(0, pod.owner_name.size() - hash.size());
}

}  // namespace

Kubelet::Kubelet(KubeletOptions options, ObjectStore& store, base::Clock& clock, base::Random random,
                 PodSampler* sampler, PodCache& pods, NodeTable& nodes, EventRecorder& events, base::Metrics& metrics)
    : options_(std::move(options)),
      store_(store),
      clock_(clock),
      random_(random),
      sampler_(sampler),
      pods_(pods),
      nodes_(nodes),
      events_(events),
      metrics_(metrics),
      began_(clock.now()),
      timers_(clock),
      prober_(clock, sampler, [this](const std::string& uid, const Prober::Result& result) { on_probe(uid, result); }) {
  if (options_.image_pull) pulls_.emplace(*options_.image_pull);
  for (const auto& [name, pod] : pods.all()) {
    if (const std::string address = text_at(*pod.object, {"status", "podIP"}); !address.empty()) {
      inherited_addresses_.insert(address);
    }
  }
  pods.listen([this](const Pod* before, const Pod* after) { on_pod(before, after); });
  nodes.on_removal([this](const Node& node) {
    if (pulls_) pulls_->forget_node(node.name);
    silent_.erase(node.name);
    limits_.erase(node.name);
    postponed_.erase(node.name);
    timers_.call_after(base::Duration::zero(), [this, name = node.name] { evict_from(name); });
  });
}

void Kubelet::hold_initial_images() {
  if (!pulls_) return;
  for (const auto& [name, node] : nodes_.all()) pulls_->add_initial_node(name);
}

void Kubelet::forget(const std::string& uid) {
  const auto found = lives_.find(uid);
  if (found == lives_.end()) return;
  for (const Timers::Token alarm : found->second.alarms) timers_.cancel(alarm);
  prober_.stop(uid);
  lives_.erase(found);
}

void Kubelet::on_pod(const Pod* before, const Pod* after) {
  if (!after || (after->finished() && !after->deleting)) return forget(after ? after->uid : before->uid);
  const auto known = lives_.find(after->uid);
  if (known == lives_.end()) {
    if (is_bound(after) || after->deleting) begin(*after);
    return;
  }
  if (after->deleting && !known->second.ending) {
    known->second.ending = true;
    prober_.stop(after->uid);
    timers_.cancel(known->second.alarms[kEnd]);
    timers_.cancel(known->second.alarms[kStatus]);
    plan(known->second, base::Duration::zero(), &Kubelet::stop);
  } else if (before && !after->deleting) {
    note_status(known->second, *before, *after);
  }
}

void Kubelet::begin(const Pod& pod) {
  Life& life = lives_[pod.uid];
  life.name = pod.name;
  life.uid = pod.uid;
  life.options = &options_for(pod);
  life.told = pod.object;
  life.plan = run_plan_of(pod);
  life.container_delay = draw(life.options->container_delay, "kubelet/container", pod, 0);
  life.boot = draw(life.options->boot, "kubelet/boot", pod, 0);
  if (options_.probe_timing == ProbeTiming::kRandomPart) {
    life.probe_phase = stream_of("kubelet/probe", pod).uniform();
  }
  const RunSoFar run = run_so_far(*pod.object);
  if (pod.deleting) {
    life.ending = true;
    life.running = is_bound(&pod) && run.state == RunSoFar::State::kRuns;
    life.started = run.started;
    life.asked_to_end = asked_to_end(*pod.object);
    plan(life, base::Duration::zero(), &Kubelet::stop);
  } else if (pod.phase == PodPhase::kRunning || run.acknowledged) {
    resume(pod, life, run);
  } else {
    plan(life, base::Duration::zero(), &Kubelet::acknowledge);
  }
}

const PodStartOptions& Kubelet::options_for(const Pod& pod) const {
  if (options_.pod_start_of.empty()) return options_.pod_start;
  const auto found = options_.pod_start_of.find(ObjectName{pod.name.ns, deployment_of(pod)});
  return found == options_.pod_start_of.end() ? options_.pod_start : found->second;
}

base::Random Kubelet::stream_of(const char* stream, const Pod& pod) const {
  return random_.fork(stream).fork(pod.name.ns + "/" + pod.owner_name).fork(pod.owner_ordinal);
}

base::Duration Kubelet::draw(const Delay& delay, const char* stream, const Pod& pod, std::uint64_t restarts) const {
  const base::Random random = stream_of(stream, pod);
  return delay.draw(restarts == 0 ? random : random.fork("restart").fork(restarts));
}

void Kubelet::plan(Life& life, base::Duration delay, Step step, Alarm alarm) {
  timers_.cancel(life.alarms[alarm]);
  drop_postponed(life, alarm);
  life.alarms[alarm] = timers_.call_after(delay, [this, uid = life.uid, step, alarm] { ring(uid, step, alarm); });
}

void Kubelet::ring(const std::string& uid, Step step, Alarm alarm) {
  const auto found = lives_.find(uid);
  if (found == lives_.end()) return;
  if (!silent_.empty() || options_.rate) {
    const Pod* pod = pods_.find(found->second.name);
    if (pod && silent_.contains(pod->node)) return postpone(pod->node, Postponed{uid, alarm, step});
    const base::Duration wait = pod && options_.rate ? limit_of(pod->node).wait() : base::Duration::zero();
    if (wait > base::Duration::zero()) return plan(found->second, wait, step, alarm);
  }
  (this->*step)(found->second);
}

WriteLimit& Kubelet::limit_of(const std::string& node) {
  return limits_.try_emplace(node, clock_, options_.rate).first->second;
}

void Kubelet::postpone(const std::string& node, const Postponed& step) {
  std::vector<Postponed>& steps = postponed_[node];
  std::erase_if(steps, [&](const Postponed& other) { return other.uid == step.uid && other.alarm == step.alarm; });
  steps.push_back(step);
}

void Kubelet::drop_postponed(const Life& life, Alarm alarm) {
  const Pod* pod = postponed_.empty() ? nullptr : pods_.find(life.name);
  const auto found = pod ? postponed_.find(pod->node) : postponed_.end();
  if (found == postponed_.end()) return;
  std::erase_if(found->second, [&](const Postponed& step) { return step.uid == life.uid && step.alarm == alarm; });
}

void Kubelet::set_silent(const std::string& node, bool silent) {
  if (silent) {
    silent_.insert(node);
    return;
  }
  silent_.erase(node);
  const auto found = postponed_.find(node);
  if (found == postponed_.end()) return;
  const std::vector<Postponed> steps = std::move(found->second);
  postponed_.erase(found);
  for (const Postponed& postponed : steps) {
    const auto life = lives_.find(postponed.uid);
    if (life == lives_.end()) continue;
    const bool verdict = postponed.alarm > kAlarms;
    if (verdict && (!life->second.running || life->second.ending)) continue;  // of containers that have ended since
    (this->*postponed.step)(life->second);
  }
}

void Kubelet::stop(Life& life) {
  const Pod* pod = pods_.find(life.name);
  if (!pod) return;
  const auto grace = bounded_seconds(int_at(*pod->object, {"metadata", "deletionGracePeriodSeconds"}));
  const base::Time asked = life.asked_to_end.value_or(clock_.now());
  life.kill_at = asked + grace;
  // What does not run has nothing to finish.
  if (!life.running) return plan(life, base::Duration::zero(), &Kubelet::remove_when_drained);
  tell_containers(life, "Killing",
                  [](const ContainerSpec& container) { return "Stopping container " + container.name; });
  const base::Duration takes = life.plan.pre_stop + life.options->termination_delay;
  const base::Time ends = asked + std::min<base::Duration>(grace, takes);
  plan(life, std::max(base::Duration::zero(), ends - clock_.now()), &Kubelet::remove_when_drained);
}

void Kubelet::remove_when_drained(Life& life) {
  const base::Time now = clock_.now();
  const bool waits = life.running && now < life.kill_at && sampler_;
  if (waits && !sampler_->drained(life.name.ns, life.name.name, now)) {
    return plan(life, std::min(kDrainPoll, life.kill_at - now), &Kubelet::remove_when_drained);
  }
  const Preconditions same{.uid = life.uid, .resource_version = std::nullopt};
  const ObjectName name = life.name;  // `life` ends with the pod
  const Pod* pod = options_.rate ? pods_.find(name) : nullptr;
  if (pod) limit_of(pod->node).take();
  (void)store_.remove(resources::kPods, name, same, base::Duration::zero());
}

// The pod garbage collector: pods of a node that is gone go without grace.
void Kubelet::evict_from(const std::string& node) {
  const std::string name = node;
  if (nodes_.find(name)) return;
  std::vector<ObjectName> orphans;
  for (const Pod* pod : pods_.of_node(name)) orphans.push_back(pod->name);
  for (const ObjectName& orphan : orphans) {
    (void)store_.remove(resources::kPods, orphan, {}, base::Duration::zero());
  }
}

bool Kubelet::write_status(const Life& life, const StatusChange& change) {
  const ObjectName name = life.name;
  const Pod* pod = options_.rate ? pods_.find(name) : nullptr;
  if (pod) limit_of(pod->node).take();
  writes_status_ = true;
  const auto written = store_.update(resources::kPods, name, Part::kStatus, [&](Json& object) -> base::Result<> {
    change(object, object_in(object, "status"));
    return {};
  });
  writes_status_ = false;
  return written.has_value();
}

void Kubelet::note_status(Life& life, const Pod& before, const Pod& after) {
  constexpr base::Duration kSync = std::chrono::seconds(10);
  if (writes_status_) {
    life.told = after.object;
  } else if (at_path(*before.object, {"status"}) == at_path(*after.object, {"status"})) {
    if (life.told == before.object) life.told = after.object;
  } else if (silent_.contains(after.node)) {
    life.told = after.object;  // others speak for a kubelet that is not heard
  } else {
    const base::Duration since = clock_.now() - began_;
    plan(life, (since / kSync + 1) * kSync - since, &Kubelet::put_status_right, kStatus);
  }
}

void Kubelet::put_status_right(Life& life) {
  const ObjectPtr told = life.told;
  (void)write_status(life, [&](Json&, Json& status) { pod_status::put_right(at_path(*told, {"status"}), status); });
}

void Kubelet::tell(const Life& life, const char* reason, const std::vector<ContainerSpec>& containers,
                   const Message& message, bool warning) {
  const Pod* pod = events_.enabled() ? pods_.find(life.name) : nullptr;
  if (!pod) return;
  const Json reference = reference_to(*pod->object, "v1", "Pod");
  const std::string node = pod->node;
  for (const ContainerSpec& container : containers) {
    if (warning) {
      events_.warning(reference, kName, reason, message(container), node);
    } else {
      events_.normal(reference, kName, reason, message(container), node);
    }
  }
}

void Kubelet::tell_containers(const Life& life, const char* reason, const Message& message, bool warning) {
  const Pod* pod = events_.enabled() ? pods_.find(life.name) : nullptr;
  if (pod) tell(life, reason, containers_of(*pod->object, "containers"), message, warning);
}

}  // namespace fakeapi
