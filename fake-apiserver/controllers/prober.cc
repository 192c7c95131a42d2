#include "fake-apiserver/controllers/prober.h"

#include <algorithm>
#include <utility>

namespace fakeapi {

base::Time first_success(const ProbeOptions& probe, base::Time started, base::Time up) {
  const base::Time allowed = started + probe.initial_delay;
  if (probe.phase) up = std::max(up, allowed);
  const base::Time first = probe.phase ? started + *probe.phase : allowed;
  if (up <= first) return first;
  if (probe.period <= base::Duration::zero()) return up;
  const auto periods = (up - first + probe.period - base::Duration(1)) / probe.period;
  return first + periods * probe.period;
}

void Prober::start(const Subject& subject, ProbeKind kind, const ProbeOptions& options, bool verdict) {
  const Key key{subject.uid, kind};
  const auto known = tasks_.find(key);
  if (known != tasks_.end()) timers_.cancel(known->second.timer);
  Task& task = tasks_[key] = Task{};
  task.name = subject.name;
  task.options = options;
  // Periods and thresholds are at least 1 in Kubernetes.
  if (task.options.period <= base::Duration::zero()) task.options.period = std::chrono::seconds(1);
  task.verdict = verdict;
  task.next = first_success(task.options, subject.started, std::max(subject.up, clock_.now()));
  plan(key, task, task.next, [this, key](Task& due) { ask(key, due); });
}

void Prober::stop(const std::string& uid) {
  for (auto at = tasks_.lower_bound(Key{uid, ProbeKind::kReadiness}); at != tasks_.end() && at->first.uid == uid;) {
    timers_.cancel(at->second.timer);
    at = tasks_.erase(at);
  }
}

void Prober::plan(const Key& key, Task& task, base::Time at, std::function<void(Task&)> step) {
  task.timer = timers_.call_at(at, [this, key, call = std::move(step)] {
    const auto found = tasks_.find(key);
    if (found != tasks_.end()) call(found->second);
  });
}

void Prober::ask(const Key& key, Task& task) {
  const ProbeAnswer answer = sampler_ ? sampler_->probe(task.name.ns, task.name.name, clock_.now()) : ProbeAnswer{};
  const base::Duration timeout = task.options.timeout;
  const bool passed = answer.after && *answer.after <= timeout;
  const bool timed_out = answer.after && !passed;
  const base::Duration takes = answer.after ? std::min(*answer.after, timeout) : base::Duration::zero();
  task.next += task.options.period;
  if (takes <= base::Duration::zero()) return conclude(key, task, passed, timed_out);
  plan(key, task, clock_.now() + takes,
       [this, key, passed, timed_out](Task& due) { conclude(key, due, passed, timed_out); });
}

void Prober::conclude(const Key& key, Task& task, bool passed, bool timed_out) {
  task.run = task.run > 0 && task.last_passed == passed ? task.run + 1 : 1;
  task.last_passed = passed;
  const int threshold = passed ? task.options.success_threshold : task.options.failure_threshold;
  const bool changes = passed != task.verdict && task.run >= threshold;
  if (changes) task.verdict = passed;
  // Probes that were due while the answer was awaited are left out.
  while (task.next < clock_.now()) task.next += task.options.period;
  plan(key, task, task.next, [this, key](Task& due) { ask(key, due); });
  const Result result{.kind = key.kind, .passed = passed, .timed_out = timed_out, .changes_verdict = changes};
  const std::string uid = key.uid;  // the listener may stop the probe
  listener_(uid, result);
}

}  // namespace fakeapi
