// Asks applications whether they are well, at the times of their probes, and counts the answers against the thresholds.
//
// Single-threaded; owned by the Kubelet, which acts on the verdicts.
#pragma once

#include <compare>
#include <functional>
#include <map>
#include <string>

#include "fake-apiserver/controllers/cluster_options.h"
#include "fake-apiserver/controllers/pod_sampler.h"
#include "fake-apiserver/controllers/timers.h"

namespace fakeapi {

enum class ProbeKind { kReadiness, kLiveness };

// When a probe first sees an application that is up from `up` on, in a container that runs since `started`: at the
// first of started + initial_delay + k * period that is not before `up`; with a phase, of those of started + phase +
// k * period that are not before the initial delay either.
base::Time first_success(const ProbeOptions& probe, base::Time started, base::Time up);

class Prober {
 public:
  struct Result {
    ProbeKind kind = ProbeKind::kReadiness;
    bool passed = false;
    bool timed_out = false;
    bool changes_verdict = false;  // as many in a row as the threshold, and the verdict was the opposite
  };
  // Hears of every answer when it is there, or when the time-out has passed. May start and stop probes.
  using Listener = std::function<void(const std::string& uid, const Result& result)>;

  // `sampler` may be null: then all answer at once.
  Prober(base::Clock& clock, PodSampler* sampler, Listener listener)
      : clock_(clock), sampler_(sampler), listener_(std::move(listener)), timers_(clock) {}

  struct Subject {
    ObjectName name;
    std::string uid;
    base::Time started{};  // of the container
    base::Time up{};       // until then it is not asked: it would not answer
  };
  // `verdict` is what counts until there are enough answers.
  void start(const Subject& subject, ProbeKind kind, const ProbeOptions& options, bool verdict);
  // All probes of the pod; an answer under way is not heard any more.
  void stop(const std::string& uid);

 private:
  struct Key {
    std::string uid;
    ProbeKind kind = ProbeKind::kReadiness;
    auto operator<=>(const Key&) const = default;
  };
  struct Task {
    ObjectName name;
    ProbeOptions options;
    base::Time next{};
    bool verdict = false;
    bool last_passed = false;
    int run = 0;  // answers in a row like the last one
    Timers::Token timer = 0;
  };

  void plan(const Key& key, Task& task, base::Time at, std::function<void(Task&)> step);
  void ask(const Key& key, Task& task);
  void conclude(const Key& key, Task& task, bool passed, bool timed_out);

  base::Clock& clock_;
  PodSampler* const sampler_;
  const Listener listener_;
  std::map<Key, Task> tasks_;
  Timers timers_;
};

}  // namespace fakeapi
