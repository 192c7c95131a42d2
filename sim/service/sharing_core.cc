#include <type_traits>

#include "common/base/check.h"
#include "sim/service/balancers.h"
#include "sim/service/core.h"
#include "sim/service/dary_heap.h"
#include "sim/service/least_outstanding.h"
#include "sim/service/line_unit.h"
#include "sim/service/outcome_log.h"
#include "sim/service/power_of_choices.h"
#include "sim/service/sharing_pods.h"
#include "sim/service/time_wheel.h"

namespace sim {
namespace {

// Pods are brought up to date only when somebody looks at them, but for a balancer that counts departures: then the
// earliest departure of all comes first. With `kWatches` somebody acts when a client gives up: it sends again, or the
// pod drops the request. A pod's item is then the number of a Job, otherwise the time of arrival.
template <class Balancer, bool kWatches, class Unit>
class SharingCore final : public Core {
 public:
  explicit SharingCore(const CoreContext& c)
      : pods_(c.options.workers),
        balancer_(c.stream.fork("balancer").key(), c.options.balancer.choices),
        retries_(c.options.client, c.demand, c.stream.fork("retries")),
        recorder_(c.recorder),
        measured_(c.measured),
        timeout_(c.options.client.timeout.value_or(kNever)),
        cancels_(c.options.client.cancels),
        slo_(c.options.slo.latency),
        mean_(c.options.service.mean),
        workers_(c.options.workers),
        room_(c.options.queue_limit ? c.options.workers + *c.options.queue_limit : kNoPod),
        log_({.timeout = kWatches ? kNever : timeout_, .cancels = false, .slo = slo_, .measured = c.measured},
             c.vector),
        departures_(c.options.service.mean) {}

  void add(std::uint32_t slot, Ticks at) override {
    depart_until(at);
    pods_.add(at);
    scheduled_.push_back(kNever);
    if constexpr (kWatches) watched_.emplace_back();
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
    if (log_window_ != &window) {
      write_log();
      log_window_ = &window;
      log_from_ = window.second * kSecond;
    }
#if SIM_HAS_VECTOR_CODE
    if constexpr (Unit::kVector) return run_vector(batch.at.data(), batch.demand.data(), begin, end, window);
#endif
    run_plain(batch.at.data(), batch.demand.data(), begin, end, window);
  }
  void settle(Ticks until) override {
    if constexpr (kWatches) handle_clients(until - 1);
    depart_until(until - 1);
    for (std::uint32_t slot = 0; slot < slots_; ++slot) catch_up(slot, until - 1);
    write_log();
    log_window_ = nullptr;
    log_from_ = kNever;
  }

  void seal_before(std::int64_t second) override { recorder_.seal_before(second); }
  void go_to_turn(std::size_t n) override {
    if constexpr (std::is_same_v<Balancer, RoundRobin>) balancer_.go_to_turn(n);
  }

  Ticks busy(std::uint32_t slot, Ticks t) override { return pods_.busy(slot, t); }
  std::optional<Ticks> wait_of_probe(std::uint32_t slot, Ticks) override {
    const std::uint32_t held = pods_.held(slot);
    if (held >= room_) return std::nullopt;
    const double share = std::min(1.0, static_cast<double>(workers_) / (held + 1.0));
    return static_cast<Ticks>(static_cast<double>(mean_) * (1.0 / share - 1.0));
  }
  PodCounters counters(std::uint32_t slot) const override { return pods_.counters(slot); }
  std::uint32_t held_by(std::uint32_t slot, Ticks) override { return pods_.held(slot); }
  WideCount held_time() const override { return held_time_; }

 private:
  // An attempt in a pod whose client is watched.
  struct Job {
    Ticks at;
    Ticks first;
    Ticks gives_up;        // kNever: never, or it has
    std::uint64_t number;  // of all attempts, in order of arrival
    std::uint32_t tries;
    bool abandoned;
  };
  // At most one entry for a pod: it is due when the client of its oldest attempt gives up, or before.
  struct GivingUp {
    Ticks at;
    std::uint64_t number;
    std::uint32_t slot;
    bool operator<(const GivingUp& b) const { return at != b.at ? at < b.at : number < b.number; }
  };
  struct Watched {
    std::vector<Job> jobs;
    bool listed = false;  // in giving_up_
  };

#if SIM_HAS_VECTOR_CODE
  [[SIM_VECTOR_TARGET, gnu::flatten]] void run_vector(const Ticks* at, const Ticks* demand, std::size_t begin,
                                                      std::size_t end, Window& window) {
    run_plain(at, demand, begin, end, window);
  }
#endif
  void run_plain(const Ticks* at, const Ticks* demand, std::size_t begin, std::size_t end, Window& window) {
    for (std::size_t i = begin; i < end; ++i) {
      const Attempt attempt{.at = at[i], .first = at[i], .demand = demand[i], .tries = 0};
      if constexpr (kWatches) {
        if (next_client_event_ <= attempt.at) [[unlikely]]
          handle_clients(attempt.at);
        retries_.count_first_attempt();
      }
      balancer_.look_ahead([this](std::uint32_t slot) { pods_.prefetch(slot); });
      serve(attempt, window);
    }
  }

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
    if constexpr (!Balancer::kComparesLoad) catch_up(slot, now);
    if constexpr (Balancer::kComparesLoad) {
      if (pods_.next_done(slot) <= now) catch_up(slot, now);  // the only pod is not compared
    }
    pods_.count_received(slot);
    if (pods_.held(slot) >= room_) [[unlikely]] {
      pods_.count_rejected(slot);
      reject(attempt, window);
      return;
    }
    pods_.template admit<Unit>(slot, now, attempt.demand, kWatches ? watch(attempt, slot) : now);
    if constexpr (Balancer::kCountsDepartures) {
      balancer_.arrived(slot);
      schedule(slot);
    }
  }

  [[gnu::noinline]] void reject(const Attempt& attempt, Window& window) {
    if constexpr (kWatches) {
      if (retries_.send_again(attempt, attempt.at)) {
        next_client_event_ = std::min(next_client_event_, retries_.next_at());
        ++window.retried;
        return;
      }
    }
    ++window.rejected;
    recorder_.resolve(window);
  }

  // Ends what is done in the pod until `now` inclusive.
  void catch_up(std::uint32_t slot, Ticks now) {
    pods_.finish_until(slot, now, [this, slot](std::int64_t item, Ticks done) { finished(slot, item, done); });
  }
  // Ends what is done in any pod until `now` inclusive, in order.
  void depart_until(Ticks now) {
    if constexpr (Balancer::kCountsDepartures) {
      while (departures_.top_time() <= now) {
        const auto [at, slot] = departures_.pop();
        if (at != scheduled_[slot]) continue;  // an earlier entry has taken its place
        scheduled_[slot] = kNever;
        if (at == pods_.next_done(slot)) {
          pods_.template finish_until<true>(
              slot, at, [this, s = slot](std::int64_t item, Ticks done) { finished(s, item, done); });
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

  void finished(std::uint32_t slot, std::int64_t item, Ticks done) {
    if constexpr (kWatches) {
      const Job& job = watched_[slot].jobs[static_cast<std::size_t>(item)];
      if (job.first != job.at || job.abandoned) [[unlikely]]
        return finished_specially(job, done);
      answered(job.at, done);
    } else {
      answered(item, done);
    }
  }
  void answered(Ticks at, Ticks done) {
    if (at < log_from_) [[unlikely]]
      return answered_before(at, done);
    OutcomeLog::Columns& columns = log_.columns();
    columns.at[logged_] = at;
    columns.done[logged_] = done;
    if (++logged_ == OutcomeLog::kRoom) [[unlikely]]
      write_log();
  }
  // A request of an earlier second than that whose log is open.
  [[gnu::noinline]] void answered_before(Ticks at, Ticks done) {
    held_time_ += held(at, done);
    Window& window = recorder_.window(step_of(at, kSecond));
    if (!kWatches && done - at > timeout_) {
      ++window.timed_out;
    } else {
      window.succeed(done - at, 0, slo_);
    }
    recorder_.resolve(window);
  }
  [[gnu::noinline]] void finished_specially(const Job& job, Ticks done) {
    held_time_ += held(job.at, done);
    if (job.abandoned) return;
    Window& window = recorder_.window(step_of(job.first, kSecond));
    window.succeed(done - job.first, job.at - job.first, slo_);
    recorder_.resolve(window);
  }
  [[gnu::noinline]] void write_log() {
    if (logged_ == 0) return;
    held_time_ += log_.count(*log_window_, logged_, 0);
    recorder_.resolve(*log_window_, std::exchange(logged_, 0));
  }
  std::uint64_t held(Ticks at, Ticks done) const {
    return static_cast<std::uint64_t>(measured_.clip(done) - measured_.clip(at));
  }

  // From now on until its client's patience ends. Returns the item.
  std::int64_t watch(const Attempt& attempt, std::uint32_t slot) {
    const std::int64_t item = pods_.free_item(slot);
    Watched& watched = watched_[slot];
    if (static_cast<std::size_t>(item) >= watched.jobs.size()) [[unlikely]]
      watched.jobs.resize(2 * static_cast<std::size_t>(item) + 8);
    const Ticks gives_up = timeout_ == kNever ? kNever : attempt.at + timeout_;
    watched.jobs[static_cast<std::size_t>(item)] = {.at = attempt.at,
                                                    .first = attempt.first,
                                                    .gives_up = gives_up,
                                                    .number = attempts_++,
                                                    .tries = attempt.tries,
                                                    .abandoned = false};
    if (!watched.listed && gives_up < kNever) [[unlikely]] {
      watched.listed = true;
      list({gives_up, attempts_ - 1, slot});
    }
    return item;
  }
  void list(const GivingUp& entry) {
    giving_up_.push(entry);
    next_client_event_ = std::min(next_client_event_, entry.at);
  }

  // Failures that clients notice and retries that they send, until `last` inclusive.
  [[gnu::noinline]] void handle_clients(Ticks last) {
    for (;;) {
      const Ticks given_up = giving_up_.empty() ? kNever : giving_up_.top().at;
      const Ticks sent = retries_.next_at();
      next_client_event_ = std::min(given_up, sent);
      if (next_client_event_ > last) return;
      if (given_up <= sent) {
        const GivingUp event = giving_up_.top();
        giving_up_.pop();
        look_after(event);
      } else {
        const Attempt attempt = retries_.pop();
        serve(attempt, recorder_.window(step_of(attempt.first, kSecond)));
      }
    }
  }
  // The oldest attempt in the pod may be one whose client gives up now.
  void look_after(const GivingUp& event) {
    depart_until(event.at);
    catch_up(event.slot, event.at);
    std::int64_t oldest = oldest_of(event.slot);
    Watched& watched = watched_[event.slot];
    if (oldest >= 0 && watched.jobs[static_cast<std::size_t>(oldest)].number == event.number) {
      give_up(event.slot, oldest, event.at);
      oldest = oldest_of(event.slot);
    }
    watched.listed = oldest >= 0;
    if (oldest < 0) return;
    const Job& job = watched.jobs[static_cast<std::size_t>(oldest)];
    list({job.gives_up, job.number, event.slot});
  }
  // The item of the next client to give up; -1 if there is none.
  std::int64_t oldest_of(std::uint32_t slot) {
    const std::vector<Job>& jobs = watched_[slot].jobs;
    std::int64_t oldest = -1;
    Ticks first = kNever;
    std::uint64_t number = 0;
    pods_.for_each(slot, [&](std::int64_t item) {
      const Job& job = jobs[static_cast<std::size_t>(item)];
      if (job.gives_up > first || (job.gives_up == first && (oldest < 0 || job.number > number))) return;
      oldest = item;
      first = job.gives_up;
      number = job.number;
    });
    return oldest;
  }
  void give_up(std::uint32_t slot, std::int64_t item, Ticks now) {
    Job& job = watched_[slot].jobs[static_cast<std::size_t>(item)];
    job.gives_up = kNever;
    job.abandoned = true;
    if (cancels_) {
      pods_.drop(slot, now, item);
      held_time_ += held(job.at, now);
      if constexpr (Balancer::kCountsDepartures) {
        balancer_.departed(slot);
        schedule(slot);
      }
    }
    Window& window = recorder_.window(step_of(job.first, kSecond));
    if (retries_.send_again({.at = job.at, .first = job.first, .demand = 0, .tries = job.tries}, now)) {
      ++window.retried;
    } else {
      ++window.timed_out;
      recorder_.resolve(window);
    }
  }

  SharingPods pods_;
  Balancer balancer_;
  Retries retries_;
  Recorder& recorder_;
  const Interval measured_;
  const Ticks timeout_;
  const bool cancels_;
  const Ticks slo_;
  const Ticks mean_;  // service time
  const std::uint32_t workers_;
  const std::uint32_t room_;  // requests that a pod may hold
  std::uint32_t slots_ = 0;

  OutcomeLog log_;  // of requests of the second of log_window_, whose pending counts still hold them
  Window* log_window_ = nullptr;
  Ticks log_from_ = kNever;
  std::size_t logged_ = 0;

  // Kept only for a balancer that counts departures.
  TimeWheel departures_;
  std::vector<Ticks> scheduled_;  // by slot: its valid entry in departures_, kNever if it has none

  Ticks next_client_event_ = kNever;
  std::uint64_t attempts_ = 0;
  std::vector<Watched> watched_;
  DaryHeap<GivingUp> giving_up_;
  WideCount held_time_ = 0;
};

template <class Balancer, bool kWatches>
std::unique_ptr<Core> make(const CoreContext& context) {
#if SIM_HAS_VECTOR_CODE
  if (context.vector) return std::make_unique<SharingCore<Balancer, kWatches, VectorUnit>>(context);
#endif
  return std::make_unique<SharingCore<Balancer, kWatches, PlainUnit>>(context);
}
template <class Balancer>
std::unique_ptr<Core> make(const CoreContext& context) {
  const ClientOptions& client = context.options.client;
  const bool watches = client.max_retries > 0 || (client.cancels && client.timeout);
  return watches ? make<Balancer, true>(context) : make<Balancer, false>(context);
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
