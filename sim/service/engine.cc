#include "sim/service/engine.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <unordered_map>

#include "common/base/check.h"
#include "sim/service/core.h"
#include "sim/service/engine_common.h"
#include "sim/service/recorder.h"
#include "sim/service/request_stream.h"
#include "sim/service/sharded_core.h"
#include "sim/service/slice_crew.h"
#include "sim/traffic/vector_unit.h"

namespace sim {
namespace {

// Of which many thousand add up without overflow.
constexpr Ticks kLongestRun = 400 * 24 * 3600 * kSecond;

QuantileTable demand_of(const ServiceTime& service) {
  const auto mean = static_cast<double>(service.mean);
  switch (service.distribution) {
    case ServiceTime::Distribution::kExponential: return QuantileTable::exponential(mean);
    case ServiceTime::Distribution::kDeterministic: return QuantileTable::constant(mean);
    case ServiceTime::Distribution::kLognormal: return QuantileTable::lognormal(mean, service.cv);
  }
  CHECK(false, "every distribution has its table");
  return QuantileTable::constant(mean);
}

void check_options(const EngineOptions& o) {
  CHECK(o.workers > 0, "a pod has a worker");
  CHECK(o.duration >= 0 && o.warmup >= 0, "durations are not negative");
  CHECK(o.service.mean > 0, "service takes time");
  CHECK(!o.client.timeout || *o.client.timeout > 0, "a time-out is positive");
  CHECK(o.balancer.choices > 0, "a balancer chooses among at least one");
  CHECK(!o.balancer.ejection, "outlier ejection needs the event-driven engine");
  CHECK(o.duration <= kLongestRun && o.warmup <= kLongestRun, "a run ends within four hundred days");
}

}  // namespace

class Engine::Impl {
 public:
  Impl(EngineOptions options, const base::Random& stream)
      : options_(std::move(options)),
        measured_(measured_part(options_.start, options_.warmup, options_.duration)),
        demand_(demand_of(options_.service)),
        requests_(options_, demand_, stream),
        recorder_(options_.slo, step_of(options_.start, kSecond),
                  step_of(whole_second_from(measured_.begin), kSecond)) {
    check_options(options_);
    CHECK(options_.threads > 0, "somebody does the work");
    const CoreContext context{options_, demand_,   recorder_,
                              stream,   measured_, options_.vector_paths && has_vector_unit()};
    if (options_.threads > 1 && options_.viewers.empty()) crew_ = std::make_unique<SliceCrew>(options_.threads);
    make_core(context);
    if (crew_) queue_ = std::make_unique<SliceQueue>(requests_, sharded_ != nullptr ? sharded_->size() : 1);
  }

  void add_pod(PodId id, Ticks at) {
    advance_to(at);
    const auto slot = static_cast<std::uint32_t>(pods_.size());
    CHECK(slots_.emplace(id, slot).second, "a pod is added once");
    pods_.push_back({.added = at, .cpu = CpuMeter(at)});
    core_->add(slot, at);
  }

  void remove_pod(PodId id, Ticks at) {
    advance_to(at);
    const std::uint32_t slot = slot_of(id);
    CHECK(pods_[slot].in_balancer, "a pod is removed once");
    stop_measuring(slot, at);
    pods_[slot].in_balancer = false;
    core_->remove(slot, at);
  }

  void advance_to(Ticks t) {
    CHECK(t >= now_, "the engine's time does not go back");
    CHECK(!finished_ || t == now_, "a finished engine stands still");
    for (const Ticks border : {options_.start, measured_.begin, measured_.end}) {
      if (now_ < border && border <= t) {
        run_until(border);
        if (border == measured_.begin) start_measuring();
        if (border == measured_.end) stop_measuring_all();
      }
    }
    run_until(t);
  }

  void finish() {
    if (finished_) return;
    advance_to(std::max(now_, measured_.end));
    for (std::uint32_t slot = 0; slot < pods_.size(); ++slot) pods_[slot].last = work_of(slot);
    core_->settle(kNever);
    core_->seal_before(step_of(measured_.end - 1, kSecond) + 1);
    crew_.reset();
    finished_ = true;
  }

  Usage usage(PodId id, Ticks at) {
    advance_to(at);
    const std::uint32_t slot = slot_of(id);
    Pod& pod = pods_[slot];
    const auto [counters, busy, held] = finished_ ? pod.last : work_of(slot);
    const Ticks cpu = pod.cpu.read(options_.cpu, options_.service.mean, options_.workers,
                                   {.work = busy, .rejected = counters.rejected, .lived_until = at}, at);
    return {.busy = busy, .cpu = cpu, .received = counters.received, .rejected = counters.rejected, .held = held};
  }

  Load load(PodId id, Ticks at) {
    advance_to(at);
    const std::uint32_t slot = slot_of(id);
    const Work work = finished_ ? pods_[slot].last : work_of(slot);
    return {.received = work.counters.received, .held = static_cast<double>(work.held)};
  }
  std::uint64_t waiting_in_front() { return finished_ ? 0 : core_->waiting_in_front(now_); }

  std::optional<Ticks> probe(PodId id, Ticks at) {
    advance_to(at);
    const std::optional<Ticks> wait = core_->wait_of_probe(slot_of(id), at);
    return wait ? std::optional(*wait + options_.service.mean) : std::nullopt;
  }

  Totals totals() const {
    Totals totals = recorder_.totals();
    if (const Ticks length = measured_.end - measured_.begin; length > 0) {
      totals.mean_in_system = static_cast<double>(core_->held_time()) / static_cast<double>(length);
    }
    if (available_time_ > 0)
      totals.utilization = static_cast<double>(busy_time_) / static_cast<double>(available_time_);
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
  struct Work {
    PodCounters counters;
    Ticks busy = 0;
    std::uint32_t held = 0;
  };
  struct Pod {
    Ticks added = 0;
    CpuMeter cpu;
    bool in_balancer = true;
    Ticks measured_busy = 0;  // worker time before the measured interval
    Work last = {};           // when the engine was finished
  };

  std::uint32_t slot_of(PodId id) const {
    const auto found = slots_.find(id);
    CHECK(found != slots_.end(), "the pod was added");
    return found->second;
  }

  Work work_of(std::uint32_t slot) {
    return {core_->counters(slot), core_->busy(slot, now_), core_->held_by(slot, now_)};
  }

  void make_core(const CoreContext& context) {
    const bool central = options_.balancer.algorithm == BalancerOptions::Algorithm::kCentralQueue;
    const auto make = central                                    ? make_central_core
                      : options_.discipline == Discipline::kFcfs ? make_fcfs_core
                                                                 : make_sharing_core;
    const ClientOptions& client = options_.client;
    const bool apart =
        client.max_retries == 0 && options_.balancer.algorithm == BalancerOptions::Algorithm::kRoundRobin;
    if (crew_ && apart) {
      auto sharded = std::make_unique<ShardedCore>(context, crew_->size(), step_of(options_.start, kSecond),
                                                   step_of(whole_second_from(measured_.begin), kSecond), make);
      sharded_ = sharded.get();
      core_ = std::move(sharded);
    } else {
      core_ = make(context);
    }
  }

  // The whole slices from now to `t`, on all threads.
  void run_slices(std::int64_t first, std::int64_t last) {
    queue_->begin(first, last);
    const auto serve = [&](std::uint32_t worker) {
      if (worker > 0 && sharded_ == nullptr) return queue_->draw_all();
      for (std::int64_t slice = first; slice < last; ++slice) {
        const ArrivalBatch* const batch = queue_->take(worker, slice);
        if (batch == nullptr) return;
        serve_slice(worker, slice, *batch);
      }
    };
    crew_->run(serve, [this] { queue_->abandon(); });
    now_ = last * kSlice;
    core_->settle(now_);
    core_->seal_before(step_of(now_, kSecond));
  }
  void serve_slice(std::uint32_t worker, std::int64_t slice, const ArrivalBatch& batch) {
    const std::int64_t second = step_of(slice * kSlice, kSecond);
    const Ticks stop = (slice + 1) * kSlice;
    const bool ends_second = stop % kSecond == 0;
    if (sharded_ != nullptr) {
      sharded_->run_share(worker, batch, 0, batch.size(), second);
      if (!ends_second) return;
      sharded_->settle_share(worker, stop);
      sharded_->seal_share(worker, second + 1);
    } else {
      core_->run(batch, 0, batch.size(), recorder_.window(second));
      if (!ends_second) return;
      core_->settle(stop);
      core_->seal_before(second + 1);
    }
  }

  // REQUIRES: no border of the measurement between now and `t`.
  void run_until(Ticks t) {
    if (crew_ && now_ < t && now_ >= options_.start && now_ < measured_.end) {
      // What a share has closed is added up after each stretch, so that it does not pile up.
      constexpr std::int64_t kLongest = 64 * 16;
      const std::int64_t last = step_of(std::min(t, measured_.end), kSlice);
      while (now_ % kSlice == 0 && step_of(now_, kSlice) + 1 < last) {
        const std::int64_t first = step_of(now_, kSlice);
        run_slices(first, std::min(last, first + kLongest));
      }
    }
    while (now_ < t && now_ >= options_.start && now_ < measured_.end) {
      const std::int64_t slice = step_of(now_, kSlice);
      const Ticks stop = std::min(t, (slice + 1) * kSlice);
      Window& window = recorder_.window(step_of(now_, kSecond));
      const auto [begin, end] = requests_.take(slice, stop);
      core_->run(requests_.batch(), begin, end, window);
      now_ = stop;
      if (stop < t && stop % kSecond != 0) continue;
      core_->settle(stop);
      core_->seal_before(step_of(now_, kSecond));
    }
    if (now_ < t) {
      core_->settle(t);
      now_ = t;
    }
    if (now_ >= measured_.end) core_->seal_before(step_of(measured_.end - 1, kSecond) + 1);
  }

  void start_measuring() {
    for (std::uint32_t slot = 0; slot < pods_.size(); ++slot) pods_[slot].measured_busy = core_->busy(slot, now_);
  }
  void stop_measuring(std::uint32_t slot, Ticks at) {
    const Pod& pod = pods_[slot];
    if (at < measured_.begin || at > measured_.end || pod.added >= measured_.end) return;
    busy_time_ += static_cast<WideCount>(core_->busy(slot, at) - pod.measured_busy);
    available_time_ += static_cast<WideCount>(at - std::max(pod.added, measured_.begin)) * options_.workers;
  }
  void stop_measuring_all() {
    for (std::uint32_t slot = 0; slot < pods_.size(); ++slot) {
      if (pods_[slot].in_balancer) stop_measuring(slot, measured_.end);
    }
  }

  const EngineOptions options_;
  const Interval measured_;
  const QuantileTable demand_;
  RequestStream requests_;
  Recorder recorder_;
  std::unique_ptr<Core> core_;
  ShardedCore* sharded_ = nullptr;     // core_, if it is one
  std::unique_ptr<SliceQueue> queue_;  // with more than one thread
  std::unique_ptr<SliceCrew> crew_;
  std::vector<Pod> pods_;
  std::unordered_map<PodId, std::uint32_t> slots_;  // looked up, never iterated
  Ticks now_ = -kNever;
  bool finished_ = false;
  WideCount busy_time_ = 0;
  WideCount available_time_ = 0;
};

Engine::Engine(EngineOptions options, const base::Random& stream)
    : impl_(std::make_unique<Impl>(std::move(options), stream)) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

void Engine::add_pod(PodId pod, Ticks at, const PodTraits& traits) {
  CHECK(traits == PodTraits{}, "pods that differ need the event-driven engine");
  impl_->add_pod(pod, at);
}
void Engine::remove_pod(PodId pod, Ticks at) { impl_->remove_pod(pod, at); }
void Engine::kill_pod(PodId, Ticks) { CHECK(false, "the death of pods needs the event-driven engine"); }
void Engine::change_pod(PodId, Ticks, const PodTraits&) {
  CHECK(false, "pods that change need the event-driven engine");
}
void Engine::advance_to(Ticks t) { impl_->advance_to(t); }
void Engine::finish() { impl_->finish(); }
Usage Engine::usage(PodId pod, Ticks at) { return impl_->usage(pod, at); }
Load Engine::load(PodId pod, Ticks at) { return impl_->load(pod, at); }
std::uint64_t Engine::waiting_in_front(std::uint32_t) const { return impl_->waiting_in_front(); }
std::optional<Ticks> Engine::probe(PodId pod, Ticks at) { return impl_->probe(pod, at); }
Ticks Engine::now() const { return impl_->now(); }
const std::vector<SecondResult>& Engine::seconds() const { return impl_->seconds(); }
Totals Engine::totals() const { return impl_->totals(); }
std::uint64_t Engine::fingerprint() const { return impl_->fingerprint(); }

}  // namespace sim
