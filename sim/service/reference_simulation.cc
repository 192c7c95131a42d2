#include "sim/service/reference_simulation.h"

#include <algorithm>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <queue>
#include <tuple>

#include "common/base/check.h"
#include "sim/service/balancers.h"
#include "sim/service/request_stream.h"
#include "sim/service/retries.h"

namespace sim {
namespace {

// What comes first at the same tick.
enum Rank { kDeparture, kPodChange, kGiveUp, kRetry, kArrival };

struct Event {
  Ticks at;
  int rank;
  std::uint32_t slot;  // of departures: the second order
  std::uint64_t sequence;
  std::function<void()> run;
};
struct Later {
  bool operator()(const Event& a, const Event& b) const {
    return std::tie(a.at, a.rank, a.slot, a.sequence) > std::tie(b.at, b.rank, b.slot, b.sequence);
  }
};

struct Request {
  Attempt attempt;
  bool started = false;
  bool over = false;      // answered, or its client has gone
  std::int64_t rest = 0;  // processor sharing: what is left of the demand, in 2^-8 ns
};
using RequestPtr = std::shared_ptr<Request>;

struct Pod {
  PodId id = 0;
  std::uint32_t slot = 0;
  bool in_balancer = true;
  std::uint64_t received = 0;
  Ticks busy = 0;
  std::uint64_t since = 0;        // the event that gave it its present number of requests
  std::list<RequestPtr> queue;    // waiting
  std::list<RequestPtr> serving;  // on workers, or sharing them
  Ticks moved = 0;                // processor sharing: when the rests were last brought up to date
  std::uint64_t version = 0;      // outdates a completion that was foreseen
  std::vector<Ticks> idle_since;  // central queue: of each idle worker

  std::uint32_t held() const { return static_cast<std::uint32_t>(queue.size() + serving.size()); }
};

class Simulation {
 public:
  Simulation(const EngineOptions& options, const base::Random& stream)
      : o_(options),
        demand_(table(options.service)),
        requests_(options, demand_, stream),
        retries_(options.client, demand_, stream.fork("retries")),
        bits_(stream.fork("balancer").key()),
        end_(options.start + options.duration) {}

  ReferenceResult run(const std::vector<PodChange>& changes) {
    for (const PodChange& change : changes) {
      at(change.at, kPodChange, 0, [this, change] { change.add ? add(change.pod) : remove(change.pod); });
    }
    for (Ticks t = o_.start; t < end_; t = (step_of(t, kSlice) + 1) * kSlice) {
      const auto [begin, last] = requests_.take(step_of(t, kSlice), kNever);
      for (std::size_t i = begin; i < last; ++i) {
        const Attempt attempt{requests_.batch().at[i], requests_.batch().at[i], requests_.batch().demand[i], 0};
        at(attempt.at, kArrival, 0, [this, attempt] {
          ++out_.seconds[step_of(attempt.first, kSecond)].arrivals;
          retries_.count_first_attempt();
          arrive(attempt);
        });
      }
    }
    while (!events_.empty()) {
      const Event event = events_.top();
      events_.pop();
      now_ = event.at;
      event.run();
      // The client's own order of retries, through its one queue.
      if (retries_.next_at() < kNever && retries_.next_at() != armed_) arm_retry();
    }
    for (const RequestPtr& waiting : central_) final_failure(waiting->attempt, out_.rejected);
    for (const auto& pod : pods_) {
      out_.busy[pod->id] = pod->busy;
      out_.received[pod->id] = pod->received;
    }
    for (auto& [second, s] : out_.seconds) std::sort(s.latencies.begin(), s.latencies.end());
    return out_;
  }

 private:
  static QuantileTable table(const ServiceTime& s) {
    const auto mean = static_cast<double>(s.mean);
    if (s.distribution == ServiceTime::Distribution::kDeterministic) return QuantileTable::constant(mean);
    if (s.distribution == ServiceTime::Distribution::kLognormal) return QuantileTable::lognormal(mean, s.cv);
    return QuantileTable::exponential(mean);
  }
  bool central() const { return o_.balancer.algorithm == BalancerOptions::Algorithm::kCentralQueue; }
  bool sharing() const { return o_.discipline == Discipline::kProcessorSharing && !central(); }

  void at(Ticks t, Rank rank, std::uint32_t slot, std::function<void()> run) {
    events_.push({t, rank, slot, sequence_++, std::move(run)});
  }
  void arm_retry() {
    armed_ = retries_.next_at();
    at(armed_, kRetry, 0, [this, due = armed_] {
      if (armed_ == due) armed_ = kNever;
      if (retries_.next_at() == due) arrive(retries_.pop());
    });
  }

  void add(PodId id) {
    auto pod = std::make_shared<Pod>();
    pod->id = id;
    pod->slot = static_cast<std::uint32_t>(pods_.size());
    pod->moved = now_;
    pod->since = ++changes_;
    pod->idle_since.assign(o_.workers, now_);
    pods_.push_back(pod);
    listed_.push_back(pod.get());
    start_central();
  }
  void remove(PodId id) {
    const auto found = std::find_if(listed_.begin(), listed_.end(), [id](const Pod* p) { return p->id == id; });
    (*found)->in_balancer = false;
    const auto index = static_cast<std::size_t>(found - listed_.begin());
    listed_.erase(found);
    if (index < turn_) --turn_;
    if (turn_ >= listed_.size()) turn_ = 0;
  }

  Pod* choose() {
    const auto n = static_cast<std::uint32_t>(listed_.size());
    if (n == 0) return nullptr;
    switch (o_.balancer.algorithm) {
      case BalancerOptions::Algorithm::kRoundRobin: return listed_[std::exchange(turn_, (turn_ + 1) % n)];
      case BalancerOptions::Algorithm::kRandom: return listed_[bits_.below(n)];
      case BalancerOptions::Algorithm::kLeastOutstanding:
        return *std::min_element(listed_.begin(), listed_.end(), [](const Pod* a, const Pod* b) {
          return std::pair(a->held(), a->since) < std::pair(b->held(), b->since);
        });
      default: break;
    }
    if (n == 1) return listed_[0];
    CHECK(o_.balancer.choices == 2 && n > 2, "the reference draws two of three or more");
    const std::uint64_t draw = bits_.next();
    const std::uint32_t first = scaled_below(draw >> 32, n);
    std::uint32_t second = scaled_below(static_cast<std::uint32_t>(draw), n - 1);
    if (second >= first) ++second;
    return listed_[second]->held() < listed_[first]->held() ? listed_[second] : listed_[first];
  }

  void arrive(const Attempt& attempt) {
    auto request = std::make_shared<Request>();
    request->attempt = attempt;
    const auto timeout = o_.client.timeout;
    Pod* pod = nullptr;
    if (central()) {
      const auto limit = o_.queue_limit ? std::uint64_t{*o_.queue_limit} * listed_.size() : ~std::uint64_t{0};
      central_.push_back(request);
      start_central();
      if (!request->started && (listed_.empty() || central_.size() > limit)) {
        central_.remove(request);
        return failed(attempt, out_.rejected);
      }
      if (!request->started && timeout) leave_later(request, nullptr);
    } else {
      pod = choose();
      if (pod == nullptr) return failed(attempt, out_.rejected);
      if (now_ < end_) ++pod->received;
      const std::uint64_t room = o_.queue_limit ? std::uint64_t{o_.workers} + *o_.queue_limit : std::uint64_t{1} << 40;
      if (pod->held() >= room) return failed(attempt, out_.rejected);
      pod->since = ++changes_;
      if (sharing()) {
        share(*pod, request);
      } else if (pod->serving.size() < o_.workers) {
        start(*pod, request);
      } else {
        pod->queue.push_back(request);
        if (timeout) leave_later(request, pod);
      }
    }
    if (timeout) {
      at(attempt.at + *timeout, kGiveUp, 0, [this, request, pod] {
        if (o_.client.cancels && sharing()) drop(*pod, request);
        give_up(request);
      });
    }
  }

  // A client's patience ends in the queue.
  void leave_later(const RequestPtr& request, Pod* pod) {
    at(request->attempt.at + *o_.client.timeout, kDeparture, pod ? pod->slot : 0, [this, request, pod] {
      if (request->started) return;
      (pod ? pod->queue : central_).remove(request);
      if (pod) pod->since = ++changes_;
      count_held(request->attempt.at, now_);
    });
  }
  bool left(const RequestPtr& request) const {
    return o_.client.timeout && request->attempt.at + *o_.client.timeout <= now_;
  }

  void start(Pod& pod, const RequestPtr& request) {
    request->started = true;
    pod.serving.push_back(request);
    const Ticks begin = now_;
    const Ticks done = begin + request->attempt.demand;
    const Ticks last = o_.client.cancels ? request->attempt.at + o_.client.timeout.value_or(kNever) : kNever;
    const Ticks leaves = std::min(done, last);
    if (begin < end_) pod.busy += std::min(end_, leaves) - begin;
    at(leaves, kDeparture, pod.slot, [this, request, begin, is_done = done <= last, p = &pod] {
      p->serving.remove(request);
      p->since = ++changes_;
      is_done ? answer(request, begin) : count_held(request->attempt.at, now_);
      if (central()) {
        p->idle_since.push_back(now_);
        start_central();
        return;
      }
      for (auto next = p->queue.begin(); next != p->queue.end(); ++next) {
        if (left(*next)) continue;  // its own departure follows at this very tick
        const RequestPtr head = *next;
        p->queue.erase(next);
        start(*p, head);
        return;
      }
    });
  }

  void start_central() {
    for (auto next = central_.begin(); next != central_.end();) {
      Pod* best = nullptr;
      const auto longest = [](const Pod* p) { return *std::min_element(p->idle_since.begin(), p->idle_since.end()); };
      for (Pod* p : listed_) {
        if (!p->idle_since.empty() && (!best || longest(p) < longest(best))) best = p;
      }
      if (!best) return;
      if (left(*next)) {
        ++next;
        continue;
      }
      best->idle_since.erase(std::min_element(best->idle_since.begin(), best->idle_since.end()));
      if (now_ < end_) ++best->received;
      const RequestPtr head = *next;
      next = central_.erase(next);
      start(*best, head);
    }
  }

  void share(Pod& pod, const RequestPtr& request) {
    bring_up_to_date(pod);
    request->started = true;
    request->rest = request->attempt.demand * 256;
    pod.serving.push_back(request);
    foresee(pod);
  }
  void bring_up_to_date(Pod& pod) {
    const auto n = static_cast<std::int64_t>(pod.serving.size());
    const std::int64_t passed = now_ - pod.moved;
    const auto c = static_cast<std::int64_t>(o_.workers);
    for (const RequestPtr& r : pod.serving) r->rest -= n <= c ? passed * 256 : passed * 256 * c / n;
    if (pod.moved < end_) pod.busy += (std::min(now_, end_) - pod.moved) * std::min(n, c);
    pod.moved = now_;
  }
  void foresee(Pod& pod) {
    const auto version = ++pod.version;
    if (pod.serving.empty()) return;
    const auto n = static_cast<std::int64_t>(pod.serving.size());
    const auto c = std::min(n, static_cast<std::int64_t>(o_.workers));
    const auto next = *std::min_element(pod.serving.begin(), pod.serving.end(),
                                        [](const RequestPtr& a, const RequestPtr& b) { return a->rest < b->rest; });
    const std::int64_t rest = std::max<std::int64_t>(0, next->rest);
    at(now_ + (rest * n + 256 * c - 1) / (256 * c), kDeparture, pod.slot, [this, next, version, p = &pod] {
      if (p->version != version) return;
      bring_up_to_date(*p);
      p->serving.remove(next);
      p->since = ++changes_;
      answer(next, next->attempt.at);
      foresee(*p);
    });
  }

  // A pod notices that a client has given up.
  void drop(Pod& pod, const RequestPtr& request) {
    const auto found = std::find(pod.serving.begin(), pod.serving.end(), request);
    if (found == pod.serving.end()) return;
    bring_up_to_date(pod);
    pod.serving.erase(found);
    pod.since = ++changes_;
    count_held(request->attempt.at, now_);
    foresee(pod);
  }

  void answer(const RequestPtr& request, Ticks started) {
    const Attempt& a = request->attempt;
    count_held(a.at, now_);
    if (o_.client.timeout && now_ - a.at > *o_.client.timeout) return;
    request->over = true;
    out_.latency_sum += static_cast<std::uint64_t>(now_ - a.first);
    out_.wait_sum += static_cast<std::uint64_t>(started - a.first);
    out_.seconds[step_of(a.first, kSecond)].latencies.push_back(now_ - a.first);
  }
  void give_up(const RequestPtr& request) {
    if (request->over) return;
    request->over = true;
    failed(request->attempt, out_.timed_out);
  }
  void failed(const Attempt& attempt, std::uint64_t& outcome) {
    if (retries_.send_again(attempt, now_)) {
      ++out_.retried;
    } else {
      final_failure(attempt, outcome);
    }
  }
  void final_failure(const Attempt& attempt, std::uint64_t& outcome) {
    ++outcome;
    ++out_.seconds[step_of(attempt.first, kSecond)].failed;
  }
  void count_held(Ticks from, Ticks to) {
    const auto inside = [this](Ticks t) { return std::clamp(t, o_.start, end_); };
    out_.held_time += static_cast<std::uint64_t>(inside(to) - inside(from));
  }

  const EngineOptions& o_;
  const QuantileTable demand_;
  RequestStream requests_;
  Retries retries_;
  Xoshiro bits_;
  const Ticks end_;
  std::priority_queue<Event, std::vector<Event>, Later> events_;
  std::uint64_t sequence_ = 0;
  std::uint64_t changes_ = 0;
  Ticks now_ = 0;
  Ticks armed_ = kNever;  // the retry that has an event
  std::vector<std::shared_ptr<Pod>> pods_;
  std::vector<Pod*> listed_;  // in the balancer
  std::size_t turn_ = 0;
  std::list<RequestPtr> central_;
  ReferenceResult out_;
};

}  // namespace

ReferenceResult simulate_reference(const EngineOptions& options, const base::Random& stream,
                                   const std::vector<PodChange>& changes) {
  return Simulation(options, stream).run(changes);
}

}  // namespace sim
