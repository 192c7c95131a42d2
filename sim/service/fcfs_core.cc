#include <deque>
#include <type_traits>

#include "common/base/check.h"
#include "sim/service/balancers.h"
#include "sim/service/core.h"
#include "sim/service/fcfs_pods.h"
#include "sim/service/least_outstanding.h"
#include "sim/service/outcome_log.h"
#include "sim/service/power_of_choices.h"
#include "sim/service/time_wheel.h"

namespace sim {
namespace {

template <class Balancer, bool kRetries, class Unit>
class FcfsCore final : public Core {
 public:
  explicit FcfsCore(const CoreContext& c)
      : pods_(c.options.workers),
        balancer_(c.stream.fork("balancer").key(), c.options.balancer.choices),
        retries_(c.options.client, c.demand, c.stream.fork("retries")),
        recorder_(c.recorder),
        measured_(c.measured),
        timeout_(c.options.client.timeout.value_or(kNever)),
        cancels_(c.options.client.cancels && c.options.client.timeout.has_value()),
        slo_(c.options.slo.latency),
        limit_(c.options.queue_limit.value_or(kNoLimit)),
        keeps_queue_(c.options.queue_limit.has_value() || c.options.knows_held || Balancer::kComparesLoad),
        log_({.timeout = timeout_, .cancels = cancels_, .slo = slo_, .measured = c.measured}, c.vector),
        departures_(c.options.service.mean) {}

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
    for (std::size_t i = begin; i < end; i += OutcomeLog::kRoom) {
      const std::size_t n = std::min(end - i, OutcomeLog::kRoom);
      run_some(batch.at.data() + i, batch.demand.data() + i, n, window);
    }
  }

  void settle(Ticks until) override {
    if constexpr (kRetries) handle_clients(until - 1);
  }

  void seal_before(std::int64_t second) override { recorder_.seal_before(second); }
  void go_to_turn(std::size_t n) override {
    if constexpr (std::is_same_v<Balancer, RoundRobin>) balancer_.go_to_turn(n);
  }

  Ticks busy(std::uint32_t slot, Ticks t) override { return pods_.busy(slot, t); }
  std::optional<Ticks> wait_of_probe(std::uint32_t slot, Ticks t) override {
    const Ticks wait = std::max<Ticks>(0, pods_.earliest(slot) - t);
    if (keeps_queue_ && wait > 0 && pods_.waiting(slot, t) >= limit_) return std::nullopt;
    return wait;
  }
  PodCounters counters(std::uint32_t slot) const override { return pods_.counters(slot); }
  std::uint32_t held_by(std::uint32_t slot, Ticks t) override { return pods_.template held<PlainUnit>(slot, t); }
  WideCount held_time() const override { return held_time_; }

 private:
  static constexpr std::uint32_t kNoLimit = std::numeric_limits<std::uint32_t>::max();

  struct GivingUp {
    Ticks at;
    Attempt attempt;
  };

  enum class Fate { kServed, kTurnedAway, kLeftQueue };
  struct Course {
    Fate fate;
    Ticks start = 0;  // of service
    Ticks done = 0;   // when the worker would be done with it, were the client patient
  };

#if SIM_HAS_VECTOR_CODE
  [[SIM_VECTOR_TARGET, gnu::flatten]] void run_vector(const Ticks* at, const Ticks* demand, std::size_t n,
                                                      Window& window) {
    run_plain(at, demand, n, window);
  }
#endif
  void run_some(const Ticks* at, const Ticks* demand, std::size_t n, Window& window) {
#if SIM_HAS_VECTOR_CODE
    if constexpr (Unit::kVector) return run_vector(at, demand, n, window);
#endif
    run_plain(at, demand, n, window);
  }

  void run_plain(const Ticks* at, const Ticks* demand, std::size_t n, Window& window) {
    OutcomeLog::Columns& columns = log_.columns();
    std::size_t served = 0;
    std::size_t waited = 0;
    const Ticks timeout = timeout_;
    for (std::size_t i = 0; i < n; ++i) {
      const Ticks now = at[i];
      if constexpr (kRetries) {
        if (next_client_event_ <= now) [[unlikely]]
          handle_clients(now);
        retries_.count_first_attempt();
      }
      balancer_.look_ahead([this](std::uint32_t slot) { pods_.prefetch(slot); });
      const Course course = serve(now, demand[i]);
      const Ticks wait = course.start - now;
      if (wait > 0) {
        if (course.fate == Fate::kTurnedAway) {
          reject({.at = now, .first = now, .demand = demand[i], .tries = 0}, window);
          continue;
        }
        columns.waits[waited] = wait;
        waited += static_cast<std::size_t>(course.done - now <= timeout);
      }
      if constexpr (kRetries) {
        if (course.done - now > timeout) [[unlikely]] {
          held_time_ += held(now, course.done);
          time_out({.at = now, .first = now, .demand = demand[i], .tries = 0});
          continue;
        }
      }
      columns.at[served] = now;
      columns.done[served++] = course.done;
    }
    held_time_ += log_.count(window, served, waited);
    if constexpr (kRetries) window.pending -= served;
  }

  // A request that does not find its pod at rest has a start after `now`, turned away or not.
  Course serve(Ticks now, Ticks demand) {
    depart_until(now);
    const std::uint32_t slot = balancer_.pick([&](std::uint32_t s) { return pods_.template held<Unit>(s, now); });
    if (slot == kNoPod) [[unlikely]]
      return {Fate::kTurnedAway, kNever, kNever};
    pods_.count_received(slot);
    const Ticks earliest = pods_.earliest(slot);
    Ticks start = now;
    if (earliest > now) {
      start = earliest;
      const bool gives_up = start - now >= timeout_;
      if (keeps_queue_) {
        if (pods_.waiting(slot, now) >= limit_) {
          pods_.count_rejected(slot);
          return {Fate::kTurnedAway, start, kNever};
        }
        pods_.wait(slot, gives_up ? now + timeout_ : earliest);
      }
      if (gives_up) {
        hold(slot, now + timeout_);
        return {Fate::kLeftQueue, start, kNever};
      }
    }
    const Ticks done = std::min(start + demand, kLatest);
    Ticks left = done;
    if (cancels_) [[unlikely]]
      left = std::min(done, now + timeout_);
    pods_.template occupy<Unit>(slot, left);
    pods_.count_assigned(slot, left - start);
    hold(slot, left);
    return {Fate::kServed, start, done};
  }
  // Of a request that was not turned away, in the measured interval.
  std::uint64_t held(Ticks at, Ticks done) const {
    const Ticks left = cancels_ || done == kNever ? std::min(done, at + timeout_) : done;
    return static_cast<std::uint64_t>(measured_.clip(left) - measured_.clip(at));
  }

  [[gnu::noinline]] void reject(const Attempt& attempt, Window& window) {
    if constexpr (kRetries) {
      if (retries_.send_again(attempt, attempt.at)) {
        next_client_event_ = std::min(next_client_event_, retries_.next_at());
        ++window.retried;
        return;
      }
    }
    ++window.rejected;
    if constexpr (kRetries) recorder_.resolve(window);
  }

  [[gnu::noinline]] void time_out(const Attempt& attempt) {
    giving_up_.push_back({attempt.at + timeout_, attempt});
    next_client_event_ = std::min(next_client_event_, attempt.at + timeout_);
  }

  // Failures that clients notice and retries that they send, until `last` inclusive.
  [[gnu::noinline]] void handle_clients(Ticks last) {
    for (;;) {
      const Ticks given_up = giving_up_.empty() ? kNever : giving_up_.front().at;
      const Ticks sent = retries_.next_at();
      next_client_event_ = std::min(given_up, sent);
      if (next_client_event_ > last) return;
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
        send_again(retries_.pop());
      }
    }
  }
  void send_again(const Attempt& attempt) {
    const Course course = serve(attempt.at, attempt.demand);
    Window& window = recorder_.window(step_of(attempt.first, kSecond));
    if (course.fate == Fate::kTurnedAway) return reject(attempt, window);
    held_time_ += held(attempt.at, course.done);
    if (course.done - attempt.at > timeout_) return time_out(attempt);
    window.succeed(course.done - attempt.first, course.start - attempt.first, slo_);
    recorder_.resolve(window);
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
  const bool cancels_;
  const Ticks slo_;
  const std::uint32_t limit_;
  const bool keeps_queue_;
  OutcomeLog log_;
  Ticks next_client_event_ = kNever;
  std::deque<GivingUp> giving_up_;  // the time-out is the same for all, so they are in order
  TimeWheel departures_;            // of requests from slots; for a balancer that counts them
  WideCount held_time_ = 0;
};

template <class Balancer, bool kRetries>
std::unique_ptr<Core> make(const CoreContext& context) {
#if SIM_HAS_VECTOR_CODE
  if (context.vector) return std::make_unique<FcfsCore<Balancer, kRetries, VectorUnit>>(context);
#endif
  return std::make_unique<FcfsCore<Balancer, kRetries, PlainUnit>>(context);
}
template <class Balancer>
std::unique_ptr<Core> make(const CoreContext& context) {
  return context.options.client.max_retries > 0 ? make<Balancer, true>(context) : make<Balancer, false>(context);
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
