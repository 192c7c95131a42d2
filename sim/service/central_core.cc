#include <algorithm>
#include <deque>

#include "common/base/check.h"
#include "sim/service/core.h"
#include "sim/service/time_wheel.h"

namespace sim {
namespace {

// A worker without a request.
struct Idle {
  Ticks since;
  std::uint32_t worker;
};

// One queue before the workers of all pods. A waiting request belongs to no pod, so what waits when a pod comes or goes
// is served by whoever is there. Starts are worked off lazily, in order, before the next thing that happens.
class CentralCore final : public Core {
 public:
  explicit CentralCore(const CoreContext& c)
      : workers_per_pod_(c.options.workers),
        retries_(c.options.client, c.demand, c.stream.fork("retries")),
        retrying_(c.options.client.max_retries > 0),
        recorder_(c.recorder),
        measured_(c.measured),
        timeout_(c.options.client.timeout.value_or(kNever)),
        cancels_(c.options.client.cancels),
        slo_(c.options.slo.latency),
        limit_(c.options.queue_limit),
        busy_(c.options.service.mean) {}

  void add(std::uint32_t slot, Ticks at) override {
    start_until(at);
    pods_.push_back(
        {.in_balancer = true, .counters = {}, .assigned = 0, .free_at = std::vector<Ticks>(workers_per_pod_, at)});
    free_until(at);
    for (std::uint32_t i = 0; i < workers_per_pod_; ++i) idle_.push_back({at, slot * workers_per_pod_ + i});
    ++pods_in_balancer_;
  }
  void remove(std::uint32_t slot, Ticks at) override {
    start_until(at);
    pods_[slot].in_balancer = false;
    std::erase_if(idle_, [this, slot](const Idle& idle) { return idle.worker / workers_per_pod_ == slot; });
    --pods_in_balancer_;
  }

  void run(const ArrivalBatch& batch, std::size_t begin, std::size_t end, Window& window) override {
    window.arrivals += end - begin;
    window.pending += end - begin;
    for (std::size_t i = begin; i < end; ++i) {
      const Ticks now = batch.at[i];
      handle_clients(now);
      retries_.count_first_attempt();
      arrive({.at = now, .first = now, .demand = batch.demand[i], .tries = 0}, window);
    }
  }
  void settle(Ticks until) override {
    handle_clients(until - 1);
    start_until(until - 1);
    if (until == kNever) turn_away_the_rest();
  }

  void seal_before(std::int64_t second) override { recorder_.seal_before(second); }

  Ticks busy(std::uint32_t slot, Ticks t) override {
    std::uint64_t rest = 0;
    for (const Ticks free_at : pods_[slot].free_at) rest += static_cast<std::uint64_t>(std::max<Ticks>(0, free_at - t));
    return static_cast<Ticks>(pods_[slot].assigned - rest);
  }
  // A probe goes to the pod itself, past the queue.
  std::optional<Ticks> wait_of_probe(std::uint32_t slot, Ticks t) override {
    const auto& free_at = pods_[slot].free_at;
    return std::max<Ticks>(0, *std::min_element(free_at.begin(), free_at.end()) - t);
  }
  PodCounters counters(std::uint32_t slot) const override { return pods_[slot].counters; }
  std::uint32_t held_by(std::uint32_t slot, Ticks t) override {
    const auto& free_at = pods_[slot].free_at;
    return static_cast<std::uint32_t>(
        std::count_if(free_at.begin(), free_at.end(), [t](Ticks until) { return until > t; }));
  }
  std::uint64_t waiting_in_front(Ticks) override { return waiting_.size(); }
  WideCount held_time() const override { return held_time_; }

 private:
  struct GivingUp {
    Ticks at;
    Attempt attempt;
  };
  struct Pod {
    bool in_balancer;
    PodCounters counters;
    std::uint64_t assigned;      // ticks; may wrap, what busy() subtracts wraps with it
    std::vector<Ticks> free_at;  // of each worker
  };

  Window& window_of(const Attempt& attempt) { return recorder_.window(step_of(attempt.first, kSecond)); }

  void arrive(const Attempt& attempt, Window& window) {
    start_until(attempt.at);
    free_until(attempt.at);
    if (!idle_.empty()) {
      start(attempt, attempt.at);
    } else if (pods_in_balancer_ == 0 || (limit_ && waiting_.size() >= std::uint64_t{*limit_} * pods_in_balancer_)) {
      fail(attempt, attempt.at, &Window::rejected, window);
    } else {
      waiting_.push_back(attempt);
    }
  }

  // Starts what a worker becomes free for, and drops what clients give up, until `last` inclusive.
  void start_until(Ticks last) {
    while (!waiting_.empty()) {
      const Attempt attempt = waiting_.front();
      const Ticks free_at = next_free();
      const Ticks gives_up = attempt.at + timeout_;
      if (std::min(free_at, gives_up) > last) return;
      waiting_.pop_front();
      if (free_at < gives_up) {
        free_until(free_at);
        start(attempt, free_at);
      } else {
        hold(attempt.at, gives_up);
        give_up(attempt);
      }
    }
  }

  // When a worker is or becomes idle while a request waits.
  Ticks next_free() {
    // One that was idle before would not have let it wait, so an idle one became so just now.
    if (!idle_.empty()) return idle_.front().since;
    for (;;) {
      const Ticks at = busy_.top_time();
      if (at == kNever || pods_[busy_.top().number / workers_per_pod_].in_balancer) return at;
      busy_.pop();
    }
  }
  // Workers that are done at `now` or before become idle, in the order of their doing so.
  void free_until(Ticks now) {
    while (busy_.top_time() <= now) {
      const TimeWheel::Entry entry = busy_.pop();
      if (pods_[entry.number / workers_per_pod_].in_balancer) idle_.push_back({entry.at, entry.number});
    }
  }

  void start(const Attempt& attempt, Ticks at) {
    const std::uint32_t worker = idle_.front().worker;
    idle_.pop_front();
    Pod& pod = pods_[worker / workers_per_pod_];
    const Ticks done = std::min(at + attempt.demand, kLatest);
    const Ticks left = cancels_ ? std::min(done, attempt.at + timeout_) : done;
    pod.free_at[worker % workers_per_pod_] = left;
    busy_.push(left, worker);
    pod.assigned += static_cast<std::uint64_t>(left - at);
    ++pod.counters.received;
    hold(attempt.at, left);
    if (done - attempt.at > timeout_) {
      give_up(attempt);
    } else {
      Window& window = window_of(attempt);
      window.succeed(done - attempt.first, at - attempt.first, slo_);
      recorder_.resolve(window);
    }
  }

  void hold(Ticks from, Ticks to) { held_time_ += static_cast<WideCount>(measured_.clip(to) - measured_.clip(from)); }

  void give_up(const Attempt& attempt) {
    if (retrying_) {
      giving_up_.push_back({attempt.at + timeout_, attempt});
    } else {
      fail(attempt, attempt.at + timeout_, &Window::timed_out, window_of(attempt));
    }
  }

  void fail(const Attempt& attempt, Ticks known_at, std::uint64_t Window::*outcome, Window& window) {
    if (retries_.send_again(attempt, known_at)) {
      ++window.retried;
    } else {
      ++(window.*outcome);
      recorder_.resolve(window);
    }
  }

  // Failures that clients notice and retries that they send, until `last` inclusive.
  void handle_clients(Ticks last) {
    if (!retrying_) return;
    for (;;) {
      // A start before the next event may be the first to show that its client gives up before it.
      const Ticks known = std::min(giving_up_.empty() ? kNever : giving_up_.front().at, retries_.next_at());
      start_until(std::min(last, known));
      const Ticks given_up = giving_up_.empty() ? kNever : giving_up_.front().at;
      const Ticks sent = retries_.next_at();
      if (std::min(given_up, sent) > last) return;
      if (given_up <= sent) {
        const Attempt attempt = giving_up_.front().attempt;
        giving_up_.pop_front();
        fail(attempt, given_up, &Window::timed_out, window_of(attempt));
      } else {
        const Attempt attempt = retries_.pop();
        arrive(attempt, window_of(attempt));
      }
    }
  }

  // Nobody is left to serve what still waits.
  void turn_away_the_rest() {
    for (; !waiting_.empty(); waiting_.pop_front()) {
      Window& window = window_of(waiting_.front());
      ++window.rejected;
      recorder_.resolve(window);
    }
  }

  const std::uint32_t workers_per_pod_;
  Retries retries_;
  const bool retrying_;
  Recorder& recorder_;
  const Interval measured_;
  const Ticks timeout_;
  const bool cancels_;
  const Ticks slo_;
  const std::optional<std::uint32_t> limit_;
  std::vector<Pod> pods_;
  std::uint32_t pods_in_balancer_ = 0;
  std::deque<Idle> idle_;  // workers of pods in the balancer, idle for longest first
  TimeWheel busy_;         // when the others are done, those of removed pods too
  std::deque<Attempt> waiting_;
  std::deque<GivingUp> giving_up_;  // starts are in order of arrival, so these are too
  WideCount held_time_ = 0;
};

}  // namespace

std::unique_ptr<Core> make_central_core(const CoreContext& context) { return std::make_unique<CentralCore>(context); }

}  // namespace sim
