#include "sim/mesh/mesh_engine.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "common/base/check.h"
#include "sim/mesh/mesh.h"
#include "sim/mesh/traffic_feed.h"
#include "sim/service/engine_common.h"
#include "sim/service/recorder.h"

namespace sim {
namespace {

// Of the first service that each entry leads to.
std::vector<const QuantileTable*> demands_of(const SystemOptions& o, const Mesh& mesh) {
  std::vector<const QuantileTable*> demands;
  for (const Entry& entry : o.entries) demands.push_back(&mesh.services()[entry.routes.front().service].demand);
  return demands;
}

}  // namespace

class MeshEngine::Impl {
 public:
  Impl(const SystemOptions& options, const base::Random& stream)
      : measured_(measured_part(options.start, options.warmup, options.duration)),
        start_(options.start),
        recorder_(options.slo, step_of(options.start, kSecond), step_of(whole_second_from(measured_.begin), kSecond)),
        mesh_(options, stream, recorder_, measured_),
        feed_(options, demands_of(options, mesh_), stream) {
    CHECK(options.duration >= 0 && options.warmup >= 0, "durations are not negative");
  }

  void add_pod(PodId id, Ticks at, const PodTraits& traits) {
    prepare_change(at);
    CHECK(slots_.emplace(id, static_cast<std::uint32_t>(pods_.size())).second, "a pod is added once");
    pods_.push_back({.id = id, .cpu = CpuMeter(at)});
    mesh_.add_pod(at, traits);
  }
  void remove_pod(PodId id, Ticks at) {
    prepare_change(at);
    mesh_.remove_pod(slot_of(id), at);
  }
  void kill_pod(PodId id, Ticks at) {
    prepare_change(at);
    mesh_.kill_pod(slot_of(id), at);
  }
  void change_pod(PodId id, Ticks at, const PodTraits& traits) {
    prepare_change(at);
    mesh_.change_pod(slot_of(id), at, traits);
  }

  void advance_to(Ticks t) {
    CHECK(t >= now_, "the engine's time does not go back");
    CHECK(!finished_ || t == now_, "a finished engine stands still");
    for (const Ticks border : {start_, measured_.begin, measured_.end}) {
      if (now_ < border && border <= t) {
        run_until(border);
        if (border == measured_.begin) mesh_.start_measuring(border);
        if (border == measured_.end) mesh_.stop_measuring(border);
      }
    }
    run_until(t);
  }
  void finish() {
    if (finished_) return;
    advance_to(std::max(now_, measured_.end));
    for (std::uint32_t slot = 0; slot < pods_.size(); ++slot) pods_[slot].last = state_of(slot);
    mesh_.drain(feed_);
    recorder_.seal_before(step_of(measured_.end - 1, kSecond) + 1);
    finished_ = true;
  }

  Usage usage(PodId id, Ticks at) {
    advance_to(at);
    const std::uint32_t slot = slot_of(id);
    Pod& pod = pods_[slot];
    const State state = finished_ ? pod.last : state_of(slot);
    const ServiceOptions& service = service_of(slot).options;
    const CpuMeter::Done done{
        .work = state.work, .rejected = state.usage.rejected, .lived_until = std::min(at, mesh_.pod(slot).died)};
    Usage usage = state.usage;
    usage.cpu = pod.cpu.read(service.cpu, service.service.mean, service.workers, done, at);
    return usage;
  }
  std::optional<Ticks> probe(PodId id, Ticks at) {
    advance_to(at);
    return mesh_.probe(slot_of(id), at);
  }
  std::vector<PodFailure> take_failures() {
    std::vector<PodFailure> failures;
    for (const auto& [slot, at] : std::exchange(mesh_.deaths(), {})) {
      failures.push_back({.pod = pods_[slot].id, .at = at, .reason = PodFailure::Reason::kOutOfMemory});
    }
    return failures;
  }
  Load load(PodId id, Ticks at) {
    advance_to(at);
    const std::uint32_t slot = slot_of(id);
    const Usage usage = finished_ ? pods_[slot].last.usage : state_of(slot).usage;
    return {.received = usage.received, .held = static_cast<double>(usage.held)};
  }
  std::uint64_t waiting_in_front(std::uint32_t service) const { return mesh_.services().at(service).waiting.size; }
  std::uint64_t waiting_for_pods(std::uint32_t service) const { return mesh_.services().at(service).buffered.size; }

  Totals totals() const {
    Totals totals = recorder_.totals();
    if (const Ticks length = measured_.end - measured_.begin; length > 0) {
      totals.mean_in_system = static_cast<double>(mesh_.held_time()) / static_cast<double>(length);
    }
    totals.utilization = mesh_.services().front().totals().utilization;
    return totals;
  }
  std::vector<ServiceTotals> services() const {
    std::vector<ServiceTotals> totals;
    for (const ServiceState& service : mesh_.services()) totals.push_back(service.totals());
    return totals;
  }
  std::uint64_t fingerprint() const;

  Ticks now() const { return now_; }
  const std::vector<SecondResult>& seconds() const { return recorder_.seconds(); }
  std::size_t in_flight() const { return mesh_.in_flight(); }

 private:
  struct State {
    Usage usage;  // but for its CPU
    Ticks work = 0;
  };
  struct Pod {
    PodId id = 0;
    CpuMeter cpu;
    State last = {};  // when the engine was finished
  };

  std::uint32_t slot_of(PodId id) const {
    const auto found = slots_.find(id);
    CHECK(found != slots_.end(), "the pod was added");
    return found->second;
  }
  const ServiceState& service_of(std::uint32_t slot) const { return mesh_.services()[mesh_.pod(slot).traits.service]; }
  State state_of(std::uint32_t slot) const {
    const MeshPod& pod = mesh_.pod(slot);
    const ServiceState& service = service_of(slot);
    const MemoryOptions& memory = service.options.memory;
    State state;
    state.work = pod.running.work(now_, service.speed);
    state.usage.busy = pod.running.busy(now_, service.speed);
    state.usage.received = pod.counters.received;
    state.usage.rejected = pod.counters.rejected;
    state.usage.held = pod.held;
    if (pod.died == kNever) state.usage.memory = memory.base + memory.per_request * pod.held;
    return state;
  }

  void prepare_change(Ticks at) {
    advance_to(at);
    CHECK(!finished_, "a finished engine stands still");
    mesh_.depart_before_change(feed_, at);
  }

  // REQUIRES: no border of the measurement between now and `t`.
  void run_until(Ticks t) {
    while (now_ < t && now_ >= start_ && now_ < measured_.end) {
      const std::int64_t slice = step_of(now_, kSlice);
      const Ticks stop = std::min(t, (slice + 1) * kSlice);
      Window& window = recorder_.window(step_of(now_, kSecond));
      const auto [begin, end] = feed_.take(slice, stop);
      mesh_.run(feed_, begin, end, window);
      mesh_.settle(feed_, stop - 1);
      now_ = stop;
      recorder_.seal_before(step_of(now_, kSecond));
    }
    if (now_ < t) {
      mesh_.settle(feed_, t - 1);
      now_ = t;
    }
    if (now_ >= measured_.end) recorder_.seal_before(step_of(measured_.end - 1, kSecond) + 1);
  }

  const Interval measured_;
  const Ticks start_;
  Recorder recorder_;
  Mesh mesh_;
  TrafficFeed feed_;
  std::vector<Pod> pods_;
  std::unordered_map<PodId, std::uint32_t> slots_;  // looked up, never iterated
  Ticks now_ = -kNever;
  bool finished_ = false;
};

std::uint64_t MeshEngine::Impl::fingerprint() const {
  Digest digest;
  digest.add(recorder_.seconds(), totals());
  for (const ServiceTotals& s : services()) {
    for (const std::uint64_t n : {s.received, s.answered, s.rejected, s.timed_out, s.errors, s.cache_hits})
      digest.add(n);
    digest.add(s.latency_mean);
    digest.add(s.latency_p95);
    digest.add(s.utilization);
  }
  return digest.value();
}

MeshEngine::MeshEngine(SystemOptions options, const base::Random& stream)
    : impl_(std::make_unique<Impl>(options, stream)) {}
MeshEngine::~MeshEngine() = default;
MeshEngine::MeshEngine(MeshEngine&&) noexcept = default;
MeshEngine& MeshEngine::operator=(MeshEngine&&) noexcept = default;

void MeshEngine::add_pod(PodId pod, Ticks at, const PodTraits& traits) { impl_->add_pod(pod, at, traits); }
void MeshEngine::remove_pod(PodId pod, Ticks at) { impl_->remove_pod(pod, at); }
void MeshEngine::kill_pod(PodId pod, Ticks at) { impl_->kill_pod(pod, at); }
void MeshEngine::change_pod(PodId pod, Ticks at, const PodTraits& traits) { impl_->change_pod(pod, at, traits); }
void MeshEngine::advance_to(Ticks t) { impl_->advance_to(t); }
void MeshEngine::finish() { impl_->finish(); }
Usage MeshEngine::usage(PodId pod, Ticks at) { return impl_->usage(pod, at); }
Load MeshEngine::load(PodId pod, Ticks at) { return impl_->load(pod, at); }
std::uint64_t MeshEngine::waiting_in_front(std::uint32_t service) const { return impl_->waiting_in_front(service); }
std::optional<Ticks> MeshEngine::probe(PodId pod, Ticks at) { return impl_->probe(pod, at); }
std::vector<PodFailure> MeshEngine::take_failures() { return impl_->take_failures(); }
std::uint64_t MeshEngine::waiting_for_pods(std::uint32_t service) const { return impl_->waiting_for_pods(service); }
Ticks MeshEngine::now() const { return impl_->now(); }
const std::vector<SecondResult>& MeshEngine::seconds() const { return impl_->seconds(); }
Totals MeshEngine::totals() const { return impl_->totals(); }
std::vector<ServiceTotals> MeshEngine::services() const { return impl_->services(); }
std::uint64_t MeshEngine::fingerprint() const { return impl_->fingerprint(); }
std::size_t MeshEngine::in_flight() const { return impl_->in_flight(); }

}  // namespace sim
