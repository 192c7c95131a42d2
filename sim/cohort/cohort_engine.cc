#include "sim/cohort/cohort_engine.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "common/base/check.h"
#include "sim/cohort/cohort_arrivals.h"
#include "sim/cohort/cohort_queue.h"
#include "sim/cohort/cohort_recorder.h"
#include "sim/cohort/cohort_retries.h"
#include "sim/service/engine_common.h"

namespace sim {
namespace {

using Algorithm = BalancerOptions::Algorithm;

EngineOptions checked(EngineOptions options) {
  CHECK(check_cohort(options), "the coarse engine knows such a service");
  return options;
}

// What a pod in the balancer did since the start.
struct Work {
  double busy = 0;  // seconds of worker time
  double received = 0;
  double rejected = 0;

  Work& operator+=(const Work& b) {
    busy += b.busy;
    received += b.received;
    rejected += b.rejected;
    return *this;
  }
  friend Work operator*(Work a, double f) { return {a.busy * f, a.received * f, a.rejected * f}; }
  friend Work operator-(Work a, const Work& b) {
    return {a.busy - b.busy, a.received - b.received, a.rejected - b.rejected};
  }
};

}  // namespace

base::Result<> check_cohort(const EngineOptions& o) {
  const auto invalid = [](const char* what) { return base::Error{base::ErrorCode::kInvalid, what}; };
  if (o.balancer.algorithm > Algorithm::kCentralQueue) return invalid("the coarse engine does not know this balancer");
  if (o.balancer.ejection) return invalid("the coarse engine does not eject outliers");
  if (!o.viewers.empty()) return invalid("the coarse engine knows no viewers");
  if (o.client.cancels) return invalid("in the coarse engine clients do not cancel");
  if (o.workers == 0) return invalid("a pod has a worker");
  if (o.service.mean <= 0) return invalid("service takes time");
  if (!(o.service.cv >= 0 && o.service.cv <= 100)) return invalid("the service time's cv is from 0 to 100");
  if (o.duration < 0 || o.warmup < 0) return invalid("durations are not negative");
  if (o.client.timeout && *o.client.timeout <= 0) return invalid("a time-out is positive");
  if (o.balancer.choices == 0) return invalid("a balancer chooses among at least one");
  return {};
}

class CohortEngine::Impl {
 public:
  Impl(EngineOptions options, const base::Random& stream)
      : options_(checked(std::move(options))),
        law_(options_.service),
        end_(options_.start + options_.duration),
        measured_(std::min(whole_second_from(options_.start + options_.warmup), end_)),
        arrivals_(options_, stream.fork("arrivals")),
        queue_(options_, law_),
        retries_(options_.client),
        recorder_(options_, law_, step_of(options_.start, kSecond), step_of(whole_second_from(measured_), kSecond)) {}

  void add_pod(PodId id, Ticks at) {
    advance_to(at);
    CHECK(slots_.emplace(id, pods_.size()).second, "a pod is added once");
    joining_.push_back(pods_.size());
    pods_.push_back({.added = at, .sampled = at});
  }

  void remove_pod(PodId id, Ticks at) {
    advance_to(at);
    const std::size_t slot = slot_of(id);
    Pod& pod = pods_[slot];
    CHECK(!pod.removed, "a pod is removed once");
    pod.removed = true;
    if (std::erase(joining_, slot) == 0) leaving_.push_back(slot);
  }

  void advance_to(Ticks t) {
    CHECK(t >= now_, "the engine's time does not go back");
    CHECK(!finished_ || t == now_, "a finished engine stands still");
    now_ = t;
    if (t <= options_.start && pods_.empty()) return;
    if (!begun_) slice_ = step_of(std::min(options_.start, t), kSlice);
    begun_ = true;
    while ((slice_ + 1) * kSlice <= t) finish_slice();
  }

  void finish() {
    if (finished_) return;
    advance_to(std::max(now_, end_));
    frozen_ = total_at(now_);
    // What is left of a slice that the end cuts, and what is still to be sent again.
    while (slice_ * kSlice < end_ || retries_.any()) finish_slice();
    flush();
    recorder_.seal_before(step_of(end_ - 1, kSecond) + 1);
    finished_ = true;
  }

  Usage usage(PodId id, Ticks at) {
    advance_to(at);
    Pod& pod = pods_[slot_of(id)];
    const Work work = work_of(pod, at);
    const CpuOptions& cpu = options_.cpu;
    const double per_busy = static_cast<double>(cpu.per_request) / static_cast<double>(options_.service.mean);
    const double raw = work.busy * 1e9 * per_busy + static_cast<double>(at - pod.added) * cpu.idle +
                       work.rejected * static_cast<double>(cpu.per_rejection);
    const double most = std::min(cpu.limit.value_or(options_.workers), static_cast<double>(options_.workers));
    pod.cpu += std::clamp(raw - pod.raw_cpu, 0.0, static_cast<double>(at - pod.sampled) * most);
    pod.raw_cpu = raw;
    pod.sampled = at;
    return {.busy = std::llround(work.busy * 1e9),
            .cpu = std::llround(pod.cpu),
            .received = static_cast<std::uint64_t>(std::llround(work.received)),
            .rejected = static_cast<std::uint64_t>(std::llround(work.rejected)),
            .held = pod.left || !pod.joined ? 0 : static_cast<std::uint32_t>(std::llround(queue_.held_by_pod()))};
  }

  Load load(PodId id, Ticks at) {
    advance_to(at);
    const Pod& pod = pods_[slot_of(id)];
    return {.received = static_cast<std::uint64_t>(std::llround(work_of(pod, at).received)),
            .held = pod.left || !pod.joined ? 0.0 : queue_.held_by_pod()};
  }

  std::optional<Ticks> probe(PodId id, Ticks at) {
    advance_to(at);
    const Pod& pod = pods_[slot_of(id)];
    if (!pod.joined || pod.left) return options_.service.mean;
    const std::optional<double> delay = queue_.probe();
    return delay ? std::optional(options_.service.mean + std::llround(*delay * 1e9)) : std::nullopt;
  }

  Totals totals() const {
    Totals totals = recorder_.totals();
    if (end_ > measured_) totals.mean_in_system = held_time_ / to_seconds(end_ - measured_);
    if (available_time_ > 0) totals.utilization = std::min(1.0, busy_time_ / available_time_);
    return totals;
  }

  std::uint64_t fingerprint() const {
    Digest digest;
    digest.add(recorder_.seconds(), totals());
    return digest.value();
  }

  Ticks now() const { return now_; }
  const std::vector<SecondResult>& seconds() const { return recorder_.seconds(); }

 private:
  struct Pod {
    Ticks added = 0;
    bool removed = false;  // by the caller
    bool joined = false;   // at the beginning of a slice
    bool left = false;
    Work before = {};  // of a pod in the balancer, until this one joined
    Work own = {};     // once it left
    Ticks left_at = 0;
    double rest = 0;   // worker time for what it held when it left
    double speed = 0;  // workers on that
    Ticks sampled = 0;
    double raw_cpu = 0;
    double cpu = 0;
  };

  std::size_t slot_of(PodId id) const {
    const auto found = slots_.find(id);
    CHECK(found != slots_.end(), "the pod was added");
    return found->second;
  }

  // REQUIRES: not before the current slice.
  Work total_at(Ticks t) {
    if (finished_) return frozen_;
    if (!begun_ || t <= slice_ * kSlice) return total_;
    begin_slice();
    Work total = total_;
    total += slope_ * (to_seconds(t - slice_ * kSlice) / to_seconds(kSlice));
    return total;
  }
  Work work_of(const Pod& pod, Ticks at) {
    if (!pod.joined) return {};
    if (!pod.left) return total_at(at) - pod.before;
    Work work = pod.own;
    work.busy += std::min(pod.rest, pod.speed * to_seconds(at - pod.left_at));
    return work;
  }

  // Pods come and go, then the whole slice is computed; finish_slice() makes it count.
  void begin_slice() {
    if (stepped_) return;
    stepped_ = true;
    change_pods();
    const Ticks begin = slice_ * kSlice;
    first_attempts_ = arrivals_.expected(begin, begin + kSlice);
    due_ = retries_.take(slice_);
    attempts_ = first_attempts_;
    for (const RetryGroup& group : due_) attempts_ += group.attempts;
    outcome_ = queue_.step(attempts_, to_seconds(kSlice));
    slope_ = {};
    if (queue_.pods() == 0) return;
    const bool central = options_.balancer.algorithm == Algorithm::kCentralQueue;
    const double received = attempts_ / queue_.pods();
    slope_.busy = outcome_.busy * to_seconds(kSlice);
    slope_.received = received * (central ? 1.0 - outcome_.rejected : 1.0);
    slope_.rejected = central ? 0.0 : received * outcome_.rejected;
  }

  void change_pods() {
    if (joining_.empty() && leaving_.empty()) return;
    flush();
    const Ticks at = slice_ * kSlice;
    for (const std::size_t slot : leaving_) {
      Pod& pod = pods_[slot];
      pod.own = total_ - pod.before;
      pod.left = true;
      pod.left_at = at;
      pod.speed = queue_.busy_of_pod();
      pod.rest =
          (options_.balancer.algorithm == Algorithm::kCentralQueue ? pod.speed : queue_.held_by_pod()) * law_.mean();
    }
    for (const std::size_t slot : joining_) {
      pods_[slot].joined = true;
      pods_[slot].before = total_;
    }
    queue_.change(static_cast<std::uint32_t>(joining_.size()), static_cast<std::uint32_t>(leaving_.size()));
    joining_.clear();
    leaving_.clear();
  }

  void finish_slice() {
    begin_slice();
    stepped_ = false;
    const Ticks begin = slice_ * kSlice;
    const Ticks end = begin + kSlice;
    total_ += slope_;
    record(begin, end);
    const Ticks from = std::max(begin, measured_), to = std::min(end, end_);
    if (from < to) {
      const double seconds = to_seconds(to - from);
      held_time_ += outcome_.held * seconds;
      busy_time_ += outcome_.busy * queue_.pods() * seconds;
      available_time_ += static_cast<double>(queue_.pods()) * options_.workers * seconds;
    }
    ++slice_;
    if (end % kSecond == 0) flush();
    if (begin >= options_.start - kSlice) recorder_.seal_before(step_of(std::min(end, end_), kSecond));
  }

  void record(Ticks begin, Ticks end) {
    if (first_attempts_ > 0) {
      CohortWindow& window = recorder_.window(step_of(std::max(begin, options_.start), kSecond));
      window.arrivals += first_attempts_;
      retries_.count_first_attempts(first_attempts_);
      collecting_ = window.second;
      collected_.resize(std::max(collected_.size(), queue_.states()), 0.0);
      for (std::size_t j = 0; j < queue_.states(); ++j) collected_[j] += first_attempts_ * queue_.answered(j);
      fail({.attempts = first_attempts_, .delay = 0, .second = window.second, .tries = 0}, begin, end, window);
    }
    if (due_.empty()) return;
    summarise_delays();
    for (const RetryGroup& group : due_) {
      CohortWindow& window = recorder_.window(group.second);
      const double answered = group.attempts * (1.0 - outcome_.rejected - outcome_.timed_out);
      for (std::size_t i = 0; i < typical_delays_.size(); ++i) {
        recorder_.delayed().add(window.delayed, group.delay + typical_delays_[i], answered * typical_shares_[i]);
      }
      fail(group, begin, end, window);
      recorder_.resolve(window);
    }
    due_.clear();
  }

  // Of a group that was sent in the slice.
  void fail(const RetryGroup& group, Ticks begin, Ticks end, CohortWindow& window) {
    const Ticks middle = begin + (end - begin) / 2;
    RetryGroup part = group;
    part.attempts = group.attempts * outcome_.rejected;
    double again = retries_.send_again(part, middle, end, window.pending);
    window.retried += again;
    window.rejected += part.attempts - again;
    part.attempts = group.attempts * outcome_.timed_out;
    if (part.attempts <= 0) return;
    again = retries_.send_again(part, middle + options_.client.timeout.value_or(0), end, window.pending);
    window.retried += again;
    window.timed_out += part.attempts - again;
  }

  // The delays of the slice by eight points of equal weight; states are in the order of their delays.
  void summarise_delays() {
    double total = 0;
    for (std::size_t j = 0; j < queue_.states(); ++j) total += queue_.answered(j);
    double below = 0;
    std::size_t next = 0;
    for (std::size_t j = 0; j < queue_.states() && next < typical_delays_.size(); ++j) {
      below += queue_.answered(j);
      const auto middle = [&] {
        return (static_cast<double>(next) + 0.5) / static_cast<double>(typical_delays_.size());
      };
      for (; next < typical_delays_.size() && middle() * total <= below; ++next) {
        typical_delays_[next] = queue_.mean_delay(j);
      }
    }
    typical_shares_.fill(1.0 / static_cast<double>(typical_shares_.size()));
    if (options_.discipline == Discipline::kProcessorSharing) stretch_delays();
  }

  // A shared processor delays each in proportion to its own service time: the delays are paired with quantiles of that,
  // in an order that has nothing to do with theirs, and those that come to time-outs are left out.
  void stretch_delays() {
    const double n = static_cast<double>(typical_delays_.size());
    double kept = 0;
    for (std::size_t i = 0; i < typical_delays_.size(); ++i) {
      const double service = typical_services_[(3 * i + 1) % typical_services_.size()];
      typical_delays_[i] *= service / law_.mean();
      const bool in_time =
          !options_.client.timeout || typical_delays_[i] + service <= to_seconds(*options_.client.timeout);
      typical_shares_[i] = in_time ? 1.0 / n : 0.0;
      kept += typical_shares_[i];
    }
    if (kept <= 0) {
      typical_shares_.fill(1.0 / n);
      kept = 1.0;
    }
    for (double& share : typical_shares_) share /= kept;
  }

  // Where in a spectrum those who find the state go; kept while the states keep their delays.
  const std::vector<LatencyMixture::Part>& spread_of(std::size_t state) {
    if (spread_version_ != queue_.version()) spreads_.clear();
    spread_version_ = queue_.version();
    if (state >= spreads_.size()) spreads_.resize(state + 1);
    std::vector<LatencyMixture::Part>& parts = spreads_[state];
    if (!parts.empty()) return parts;
    const CohortQueue::Delays delays = queue_.delays(state);
    if (delays.front() == delays.back()) {
      recorder_.direct().split(delays.front(), 1.0, parts);
    } else {
      for (std::size_t i = 0; i < delays.size(); ++i) {
        recorder_.direct().split(delays[i], queue_.points().weights()[i], parts);
      }
    }
    return parts;
  }

  // What was collected by state goes into its second.
  void flush() {
    if (collected_.empty()) return;
    CohortWindow& window = recorder_.window(collecting_);
    for (std::size_t j = 0; j < collected_.size(); ++j) {
      if (collected_[j] <= 0) continue;
      for (const LatencyMixture::Part& part : spread_of(j)) window.direct[part.bin] += collected_[j] * part.share;
    }
    collected_.clear();
  }

  const EngineOptions options_;
  const ServiceLaw law_;
  const Ticks end_;
  const Ticks measured_;
  const CohortArrivals arrivals_;
  CohortQueue queue_;
  CohortRetries retries_;
  CohortRecorder recorder_;

  std::vector<Pod> pods_;
  std::unordered_map<PodId, std::size_t> slots_;  // looked up, never iterated
  std::vector<std::size_t> joining_;              // at the next beginning of a slice
  std::vector<std::size_t> leaving_;

  Ticks now_ = -kNever;
  bool begun_ = false;
  bool finished_ = false;
  std::int64_t slice_ = 0;
  Work total_;  // until the beginning of the slice
  Work frozen_;

  // Of the current slice, once it is stepped.
  bool stepped_ = false;
  double first_attempts_ = 0;
  double attempts_ = 0;
  std::vector<RetryGroup> due_;
  CohortQueue::Outcome outcome_;
  Work slope_;
  std::array<double, 8> typical_delays_{};
  std::array<double, 8> typical_shares_{};
  const std::array<double, 8> typical_services_ = law_.octiles();

  std::vector<std::vector<LatencyMixture::Part>> spreads_;  // by state
  std::uint64_t spread_version_ = 0;
  std::vector<double> collected_;  // answered first attempts of a second by the state that they found
  std::int64_t collecting_ = 0;
  double held_time_ = 0;
  double busy_time_ = 0;
  double available_time_ = 0;
};

CohortEngine::CohortEngine(EngineOptions options, const base::Random& stream)
    : impl_(std::make_unique<Impl>(std::move(options), stream)) {}
CohortEngine::~CohortEngine() = default;

void CohortEngine::add_pod(PodId pod, Ticks at, const PodTraits& traits) {
  CHECK(traits == PodTraits{}, "pods that differ need the event-driven engine");
  impl_->add_pod(pod, at);
}
void CohortEngine::remove_pod(PodId pod, Ticks at) { impl_->remove_pod(pod, at); }
void CohortEngine::kill_pod(PodId, Ticks) { CHECK(false, "the death of pods needs the event-driven engine"); }
void CohortEngine::change_pod(PodId, Ticks, const PodTraits&) {
  CHECK(false, "pods that change need the event-driven engine");
}
void CohortEngine::advance_to(Ticks t) { impl_->advance_to(t); }
void CohortEngine::finish() { impl_->finish(); }
Usage CohortEngine::usage(PodId pod, Ticks at) { return impl_->usage(pod, at); }
Load CohortEngine::load(PodId pod, Ticks at) { return impl_->load(pod, at); }
std::optional<Ticks> CohortEngine::probe(PodId pod, Ticks at) { return impl_->probe(pod, at); }
Ticks CohortEngine::now() const { return impl_->now(); }
const std::vector<SecondResult>& CohortEngine::seconds() const { return impl_->seconds(); }
Totals CohortEngine::totals() const { return impl_->totals(); }
std::uint64_t CohortEngine::fingerprint() const { return impl_->fingerprint(); }

}  // namespace sim
