#include <deque>
#include <type_traits>

#include "common/base/check.h"
#include "sim/service/balancers.h"
#include "sim/service/core.h"
#include "sim/service/least_outstanding.h"
#include "sim/service/sharing_pods.h"
#include "sim/service/time_wheel.h"

namespace sim {
namespace {

// Pods are brought up to date only when somebody looks at them, but for a balancer that counts departures: then the
// earliest departure of all comes first.
template <class Balancer, bool kRetries>
class SharingCore final : public Core {
 public:
  explicit SharingCore(const CoreContext& c)
      : pods_(c.options.workers),
        balancer_(c.stream.fork("balancer").key(), c.options.balancer.choices),
        retries_(c.options.client, c.demand, c.stream.fork("retries")),
        recorder_(c.recorder),
        measured_(c.measured),
        timeout_(c.options.client.timeout.value_or(kNever)),
        slo_(c.options.slo.latency),
        mean_(c.options.service.mean),
        workers_(c.options.workers),
        room_(c.options.queue_limit ? c.options.workers + *c.options.queue_limit : kNoPod) {}

  void add(std::uint32_t slot, Ticks at) override {
    depart_until(at);
    pods_.add(at);
    scheduled_.push_back(kNever);
    ++slots_;
    balancer_.add(slot);
  }
  void remove(std::uint32_t slot, Ticks at) override {
    depart_until(at);
    balancer_.remove(slot);
  }

  void run(const ArrivalBatch& batch, std::size_t begin, std::size_t end, Window& window) override {
    window.arrivals += end - begin;
    window.pending += end - begin;
    for (std::size_t i = begin; i < end; ++i) {
      const Attempt attempt{.at = batch.at[i], .first = batch.at[i], .demand = batch.demand[i], .tries = 0};
      if constexpr (kRetries) {
        handle_clients(attempt.at);
        retries_.count_first_attempt();
      }
      serve(attempt, window);
    }
  }
  void settle(Ticks until) override {
    if constexpr (kRetries) handle_clients(until - 1);
    depart_until(until - 1);
    for (std::uint32_t slot = 0; slot < slots_; ++slot) catch_up(slot, until - 1);
  }

  Ticks busy(std::uint32_t slot, Ticks t) override { return pods_.busy(slot, t); }
  std::optional<Ticks> wait_of_probe(std::uint32_t slot, Ticks) override {
    const std::uint32_t held = pods_.held(slot);
    if (held >= room_) return std::nullopt;
    const double share = std::min(1.0, static_cast<double>(workers_) / (held + 1.0));
    return static_cast<Ticks>(static_cast<double>(mean_) * (1.0 / share - 1.0));
  }
  PodCounters counters(std::uint32_t slot) const override { return pods_.counters(slot); }
  WideCount held_time() const override { return held_time_; }

 private:
  // Of an attempt whose client may give up, in a table of its own: a byte each, so that it stays in the cache.
  enum class State : std::uint8_t { kInService, kAnswered, kGivenUp };
  static constexpr std::uint32_t kNoState = std::numeric_limits<std::uint32_t>::max();

  struct Nothing {};
  struct Sent {
    Ticks first;
    std::uint32_t state;  // its place in states_
  };
  using Tag = std::conditional_t<kRetries, Sent, Nothing>;
  struct GivingUp {
    Ticks at;
    Attempt attempt;
    std::uint32_t slot;
    std::uint32_t state;
  };

  void serve(const Attempt& attempt, Window& window) {
    const Ticks now = attempt.at;
    depart_until(now);
    const std::uint32_t slot = balancer_.pick([&](std::uint32_t s) {
      catch_up(s, now);
      return pods_.held(s);
    });
    if (slot == kNoPod) [[unlikely]] {
      reject(attempt, window);
      return;
    }
    catch_up(slot, now);
    pods_.count_received(slot);
    if (pods_.held(slot) >= room_) {
      pods_.count_rejected(slot);
      reject(attempt, window);
      return;
    }
    if constexpr (kRetries) {
      pods_.admit(slot, now, attempt.demand, {attempt.first, watch(attempt, slot)});
    } else {
      pods_.admit(slot, now, attempt.demand, {});
    }
    if constexpr (Balancer::kCountsDepartures) {
      balancer_.arrived(slot);
      schedule(slot);
    }
  }

  void reject(const Attempt& attempt, Window& window) {
    if constexpr (kRetries) {
      if (retries_.send_again(attempt, attempt.at)) {
        ++window.retried;
        return;
      }
    }
    ++window.rejected;
    recorder_.resolve(window);
  }

  // Ends what is done in the pod until `now` inclusive.
  void catch_up(std::uint32_t slot, Ticks now) {
    for (Ticks done = pods_.next_done(slot); done <= now; done = pods_.next_done(slot)) finish_next(slot, done);
  }
  // Ends what is done in any pod until `now` inclusive, in order.
  void depart_until(Ticks now) {
    if constexpr (Balancer::kCountsDepartures) {
      while (departures_.top_time() <= now) {
        const auto [at, slot] = departures_.pop();
        if (at != scheduled_[slot]) continue;  // an earlier entry has taken its place
        scheduled_[slot] = kNever;
        if (at == pods_.next_done(slot)) {
          finish_next(slot, at);
          balancer_.departed(slot);
        }
        schedule(slot);
      }
    }
  }
  // Keeps one valid entry of each busy pod in departures_, at its next departure or before: what is put off by an
  // arrival is put right when its entry comes up.
  void schedule(std::uint32_t slot) {
    const Ticks next = pods_.next_done(slot);
    if (next >= scheduled_[slot]) return;
    scheduled_[slot] = next;
    departures_.push(next, slot);
  }
  void finish_next(std::uint32_t slot, Ticks done) {
    const auto job = pods_.finish_next(slot);
    held_time_ += static_cast<WideCount>(measured_.clip(done) - measured_.clip(job.at));
    Ticks first = job.at;
    if constexpr (kRetries) {
      first = job.tag.first;
      if (job.tag.state != kNoState) {
        State& state = states_[job.tag.state];
        if (state == State::kGivenUp) {
          free_.push_back(job.tag.state);
          return;
        }
        state = State::kAnswered;
      }
    }
    Window& window = recorder_.window(step_of(first, kSecond));
    if (!kRetries && done - job.at > timeout_) {
      ++window.timed_out;
    } else {
      window.succeed(done - first, job.at - first, slo_);
    }
    recorder_.resolve(window);
  }

  // From now on until its client's patience ends.
  std::uint32_t watch(const Attempt& attempt, std::uint32_t slot) {
    if (timeout_ == kNever) return kNoState;
    std::uint32_t number = static_cast<std::uint32_t>(states_.size());
    if (free_.empty()) {
      states_.push_back(State::kInService);
    } else {
      number = free_.back();
      free_.pop_back();
      states_[number] = State::kInService;
    }
    giving_up_.push_back({attempt.at + timeout_, attempt, slot, number});
    return number;
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
        give_up(event);
      } else {
        const Attempt attempt = retries_.pop();
        serve(attempt, recorder_.window(step_of(attempt.first, kSecond)));
      }
    }
  }
  void give_up(const GivingUp& event) {
    if (states_[event.state] == State::kInService) {
      depart_until(event.at);
      catch_up(event.slot, event.at);
    }
    if (states_[event.state] == State::kAnswered) {
      free_.push_back(event.state);
      return;
    }
    states_[event.state] = State::kGivenUp;
    Window& window = recorder_.window(step_of(event.attempt.first, kSecond));
    if (retries_.send_again(event.attempt, event.at)) {
      ++window.retried;
    } else {
      ++window.timed_out;
      recorder_.resolve(window);
    }
  }

  SharingPods<Tag> pods_;
  Balancer balancer_;
  Retries retries_;
  Recorder& recorder_;
  const Interval measured_;
  const Ticks timeout_;
  const Ticks slo_;
  const Ticks mean_;  // service time
  const std::uint32_t workers_;
  const std::uint32_t room_;  // requests that a pod may hold
  std::uint32_t slots_ = 0;
  // Kept only for a balancer that counts departures.
  TimeWheel departures_;
  std::vector<Ticks> scheduled_;  // by slot: its valid entry in departures_, kNever if it has none
  std::vector<State> states_;
  std::vector<std::uint32_t> free_;  // places in states_ that nobody refers to
  std::deque<GivingUp> giving_up_;   // the time-out is the same for all, so they are in order
  WideCount held_time_ = 0;
};

template <class Balancer>
std::unique_ptr<Core> make(const CoreContext& context) {
  if (context.options.client.max_retries > 0) return std::make_unique<SharingCore<Balancer, true>>(context);
  return std::make_unique<SharingCore<Balancer, false>>(context);
}

}  // namespace

std::unique_ptr<Core> make_sharing_core(const CoreContext& context) {
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
