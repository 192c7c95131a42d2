#include <deque>

#include "common/base/check.h"
#include "sim/service/balancers.h"
#include "sim/service/core.h"
#include "sim/service/fcfs_pods.h"
#include "sim/service/least_outstanding.h"
#include "sim/service/time_wheel.h"

namespace sim {
namespace {

template <class Balancer, bool kRetries>
class FcfsCore final : public Core {
 public:
  explicit FcfsCore(const CoreContext& c)
      : pods_(c.options.workers),
        balancer_(c.stream.fork("balancer").key(), c.options.balancer.choices),
        retries_(c.options.client, c.demand, c.stream.fork("retries")),
        recorder_(c.recorder),
        measured_(c.measured),
        timeout_(c.options.client.timeout.value_or(kNever)),
        slo_(c.options.slo.latency),
        limit_(c.options.queue_limit.value_or(kNoLimit)),
        keeps_queue_(c.options.queue_limit.has_value() || Balancer::kComparesLoad) {}

  void add(std::uint32_t slot, Ticks at) override {
    pods_.add(at);
    depart_until(at);
    balancer_.add(slot);
  }
  void remove(std::uint32_t slot, Ticks at) override {
    depart_until(at);
    balancer_.remove(slot);
  }

  void run(const ArrivalBatch& batch, std::size_t begin, std::size_t end, Window& window) override {
    window.arrivals += end - begin;
    if constexpr (kRetries) window.pending += end - begin;
    Ticks held = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const Attempt attempt{.at = batch.at[i], .first = batch.at[i], .demand = batch.demand[i], .tries = 0};
      if constexpr (kRetries) {
        handle_clients(attempt.at);
        retries_.count_first_attempt();
      }
      held += serve(attempt, window);
    }
    held_time_ += static_cast<WideCount>(held);
  }

  void settle(Ticks until) override {
    if constexpr (kRetries) handle_clients(until - 1);
  }

  Ticks busy(std::uint32_t slot, Ticks t) override { return pods_.busy(slot, t); }
  std::optional<Ticks> wait_of_probe(std::uint32_t slot, Ticks t) override {
    const Ticks wait = std::max<Ticks>(0, pods_.earliest(slot) - t);
    if (keeps_queue_ && wait > 0 && pods_.waiting(slot, t) >= limit_) return std::nullopt;
    return wait;
  }
  PodCounters counters(std::uint32_t slot) const override { return pods_.counters(slot); }
  WideCount held_time() const override { return held_time_; }

 private:
  static constexpr std::uint32_t kNoLimit = std::numeric_limits<std::uint32_t>::max();

  struct GivingUp {
    Ticks at;
    Attempt attempt;
  };

  // Returns the time for which the attempt is held inside the measured interval.
  Ticks serve(const Attempt& attempt, Window& window) {
    const Ticks now = attempt.at;
    depart_until(now);
    const std::uint32_t slot = balancer_.pick([&](std::uint32_t s) { return pods_.held(s, now); });
    if (slot == kNoPod) [[unlikely]] {
      reject(attempt, window);
      return 0;
    }
    pods_.count_received(slot);
    const Ticks earliest = pods_.earliest(slot);
    const Ticks start = std::max(now, earliest);
    const bool gives_up_waiting = start - now >= timeout_;
    if (keeps_queue_ && earliest > now) {
      if (pods_.waiting(slot, now) >= limit_) {
        pods_.count_rejected(slot);
        reject(attempt, window);
        return 0;
      }
      pods_.wait(slot, gives_up_waiting ? now + timeout_ : earliest);
    }
    if (gives_up_waiting) {
      hold(slot, now + timeout_);
      time_out(attempt, window);
      return measured_.clip(now + timeout_) - measured_.clip(now);
    }
    const Ticks done = start + attempt.demand;
    pods_.occupy(slot, done);
    pods_.count_assigned(slot, attempt.demand);
    hold(slot, done);
    if (done - now > timeout_) {
      time_out(attempt, window);
    } else {
      window.succeed(done - attempt.first, start - attempt.first, slo_);
      if constexpr (kRetries) recorder_.resolve(window);
    }
    return measured_.clip(done) - measured_.clip(now);
  }

  void reject(const Attempt& attempt, Window& window) {
    if constexpr (kRetries) {
      if (retries_.send_again(attempt, attempt.at)) {
        ++window.retried;
        return;
      }
    }
    ++window.rejected;
    if constexpr (kRetries) recorder_.resolve(window);
  }

  void time_out(const Attempt& attempt, Window& window) {
    if constexpr (kRetries) {
      giving_up_.push_back({attempt.at + timeout_, attempt});
    } else {
      ++window.timed_out;
    }
  }

  // Failures that clients notice and retries that they send, until `last` inclusive.
  void handle_clients(Ticks last) {
    for (;;) {
      const Ticks given_up = giving_up_.empty() ? kNever : giving_up_.front().at;
      const Ticks sent = retries_.next_at();
      if (std::min(given_up, sent) > last) return;
      if (given_up <= sent) {
        const GivingUp event = giving_up_.front();
        giving_up_.pop_front();
        Window& window = recorder_.window(step_of(event.attempt.first, kSecond));
        if (retries_.send_again(event.attempt, event.at)) {
          ++window.retried;
        } else {
          ++window.timed_out;
          recorder_.resolve(window);
        }
      } else {
        const Attempt attempt = retries_.pop();
        held_time_ += static_cast<WideCount>(serve(attempt, recorder_.window(step_of(attempt.first, kSecond))));
      }
    }
  }

  void hold(std::uint32_t slot, Ticks leaves) {
    if constexpr (Balancer::kCountsDepartures) {
      balancer_.arrived(slot);
      departures_.push(leaves, slot);
    }
  }
  void depart_until(Ticks now) {
    if constexpr (Balancer::kCountsDepartures) {
      while (departures_.top_time() <= now) balancer_.departed(departures_.pop().number);
    }
  }

  FcfsPods pods_;
  Balancer balancer_;
  Retries retries_;
  Recorder& recorder_;
  const Interval measured_;
  const Ticks timeout_;
  const Ticks slo_;
  const std::uint32_t limit_;
  const bool keeps_queue_;
  std::deque<GivingUp> giving_up_;  // the time-out is the same for all, so they are in order
  TimeWheel departures_;            // of requests from slots; for a balancer that counts them
  WideCount held_time_ = 0;
};

template <class Balancer>
std::unique_ptr<Core> make(const CoreContext& context) {
  if (context.options.client.max_retries > 0) return std::make_unique<FcfsCore<Balancer, true>>(context);
  return std::make_unique<FcfsCore<Balancer, false>>(context);
}

}  // namespace

std::unique_ptr<Core> make_fcfs_core(const CoreContext& context) {
  switch (context.options.balancer.algorithm) {
    case BalancerOptions::Algorithm::kRoundRobin: return make<RoundRobin>(context);
    case BalancerOptions::Algorithm::kRandom: return make<RandomChoice>(context);
    case BalancerOptions::Algorithm::kLeastOutstanding: return make<LeastOutstanding>(context);
    case BalancerOptions::Algorithm::kPowerOfTwoChoices: return make<PowerOfChoices>(context);
    default: break;
  }
  CHECK(false, "this balancer needs the event-driven engine");
  return nullptr;
}

}  // namespace sim
