#include "bench/micro/reference_kernel.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <deque>
#include <functional>
#include <list>
#include <queue>
#include <vector>

namespace bench {
namespace {

using Time = std::int64_t;  // ns
constexpr Time kTimeout = 2'000'000'000;
constexpr std::size_t kWorkers = 8;

// xoshiro256++ and tables of 2^16 quantiles.
class Draws {
 public:
  explicit Draws(double rate) : gap_(kCells), service_(kCells) {
    for (std::size_t i = 0; i < kCells; ++i) {
      const double p = (static_cast<double>(i) + 0.5) / kCells;
      gap_[i] = static_cast<Time>(-std::log1p(-p) / rate * 1e9);
      // A logistic approximation of the normal quantile: the shape does not matter for the speed.
      const double z = std::log(p / (1.0 - p)) / 1.702;
      service_[i] = static_cast<Time>(40e6 * std::exp(0.8326 * z - 0.3466));
    }
  }
  Time gap() { return gap_[(bits_ = next()) & (kCells - 1)]; }
  Time service() const { return service_[(bits_ >> 16) & (kCells - 1)]; }
  std::uint64_t next() {
    const std::uint64_t result = std::rotl(s_[0] + s_[3], 23) + s_[0];
    const std::uint64_t shifted = s_[1] << 17;
    s_[2] ^= s_[0];
    s_[3] ^= s_[1];
    s_[1] ^= s_[2];
    s_[0] ^= s_[3];
    s_[2] ^= shifted;
    s_[3] = std::rotl(s_[3], 45);
    return result;
  }

 private:
  static constexpr std::size_t kCells = 1 << 16;
  std::array<std::uint64_t, 4> s_{1, 2, 3, 4};
  std::uint64_t bits_ = 0;
  std::vector<Time> gap_;
  std::vector<Time> service_;
};

class Outcomes {
 public:
  void add(Time latency) {
    if (latency > kTimeout) {
      ++result_.timed_out;
      return;
    }
    const auto value = static_cast<std::uint64_t>(latency) | 256;
    const int shift = static_cast<int>(std::bit_width(value)) - 9;
    ++counts_[(static_cast<std::size_t>(shift) << 8) + (value >> shift)];
  }
  KernelResult result(std::uint64_t requests) {
    result_.requests = requests;
    for (std::size_t i = 0; i < counts_.size(); ++i) result_.checksum += i * counts_[i];
    return result_;
  }

 private:
  KernelResult result_;
  std::vector<std::uint32_t> counts_ = std::vector<std::uint32_t>(64 << 8);
};

struct alignas(64) Line {
  std::array<Time, kWorkers> free_at{};

  std::uint32_t busy(Time now) const {
    std::uint32_t n = 0;
    for (const Time t : free_at) n += static_cast<std::uint32_t>(t > now);
    return n;
  }
  // Returns when the request is done.
  Time serve(Time now, Time service) {
    std::size_t first = 0;
    for (std::size_t i = 1; i < kWorkers; ++i) first = free_at[i] < free_at[first] ? i : first;
    return free_at[first] = std::max(now, free_at[first]) + service;
  }
};

}  // namespace

KernelResult lindley_round_robin(const KernelLoad& load) {
  Draws draws(load.rate);
  Outcomes outcomes;
  std::vector<Line> pods(load.pods);
  Time now = 0;
  std::size_t turn = 0;
  for (std::uint32_t i = 0; i < load.requests; ++i) {
    now += draws.gap();
    outcomes.add(pods[turn].serve(now, draws.service()) - now);
    if (++turn == pods.size()) turn = 0;
  }
  return outcomes.result(load.requests);
}

KernelResult lindley_two_choices(const KernelLoad& load) {
  Draws draws(load.rate);
  Outcomes outcomes;
  std::vector<Line> pods(load.pods);
  Time now = 0;
  for (std::uint32_t i = 0; i < load.requests; ++i) {
    now += draws.gap();
    const Time service = draws.service();
    const std::uint64_t bits = draws.next();
    Line& a = pods[((bits >> 32) * load.pods) >> 32];
    Line& b = pods[((bits & 0xffffffff) * load.pods) >> 32];
    outcomes.add((b.busy(now) < a.busy(now) ? b : a).serve(now, service) - now);
  }
  return outcomes.result(load.requests);
}

KernelResult least_outstanding(const KernelLoad& load) {
  Draws draws(load.rate);
  Outcomes outcomes;
  std::vector<Line> pods(load.pods);
  std::vector<std::list<std::uint32_t>> levels(1);
  std::vector<std::list<std::uint32_t>::iterator> places(load.pods);
  std::vector<std::uint32_t> held(load.pods, 0);
  for (std::uint32_t pod = 0; pod < load.pods; ++pod) places[pod] = levels[0].insert(levels[0].end(), pod);
  std::size_t lowest = 0;
  const auto move = [&](std::uint32_t pod, std::uint32_t to) {
    if (to >= levels.size()) levels.resize(to + 1);
    levels[to].splice(levels[to].end(), levels[held[pod]], places[pod]);
    held[pod] = to;
    lowest = std::min<std::size_t>(lowest, to);
    while (levels[lowest].empty()) ++lowest;
  };
  using Departure = std::pair<Time, std::uint32_t>;
  std::priority_queue<Departure, std::vector<Departure>, std::greater<>> departures;
  Time now = 0;
  for (std::uint32_t i = 0; i < load.requests; ++i) {
    now += draws.gap();
    for (; !departures.empty() && departures.top().first <= now; departures.pop()) {
      const std::uint32_t pod = departures.top().second;
      move(pod, held[pod] - 1);
    }
    const std::uint32_t pod = levels[lowest].front();
    const Time done = pods[pod].serve(now, draws.service());
    move(pod, held[pod] + 1);
    departures.emplace(done, pod);
    outcomes.add(done - now);
  }
  return outcomes.result(load.requests);
}

KernelResult sharing_round_robin(const KernelLoad& load) {
  struct Job {
    double finish;  // on the pod's virtual clock
    Time at;
    bool operator>(const Job& b) const { return finish > b.finish; }
  };
  struct Pod {
    std::priority_queue<Job, std::vector<Job>, std::greater<>> jobs;
    double clock = 0;
    double moved = 0;

    double speed() const { return std::min(1.0, static_cast<double>(kWorkers) / static_cast<double>(jobs.size())); }
  };
  Draws draws(load.rate);
  Outcomes outcomes;
  std::vector<Pod> pods(load.pods);
  Time now = 0;
  std::size_t turn = 0;
  for (std::uint32_t i = 0; i < load.requests; ++i) {
    now += draws.gap();
    const auto t = static_cast<double>(now);
    Pod& pod = pods[turn];
    while (!pod.jobs.empty()) {
      const double done = pod.moved + (pod.jobs.top().finish - pod.clock) / pod.speed();
      if (done > t) break;
      outcomes.add(static_cast<Time>(done) - pod.jobs.top().at);
      pod.clock = pod.jobs.top().finish;
      pod.moved = done;
      pod.jobs.pop();
    }
    if (!pod.jobs.empty()) pod.clock += (t - pod.moved) * pod.speed();
    pod.moved = t;
    pod.jobs.push({pod.clock + static_cast<double>(draws.service()), now});
    if (++turn == pods.size()) turn = 0;
  }
  return outcomes.result(load.requests);
}

KernelResult textbook_round_robin(const KernelLoad& load) {
  struct Event {
    Time at;
    std::function<void()> run;
    bool operator>(const Event& b) const { return at > b.at; }
  };
  struct Pod {
    std::size_t busy = 0;
    std::deque<std::pair<Time, Time>> waiting;  // arrival, service
  };
  Draws draws(load.rate);
  Outcomes outcomes;
  std::vector<Pod> pods(load.pods);
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events;
  std::size_t turn = 0;
  std::uint32_t arrived = 0;
  Time now = 0;
  std::function<void(Pod&, Time, Time)> start = [&](Pod& pod, Time arrival, Time service) {
    ++pod.busy;
    events.push({now + service, [&, arrival] {
                   --pod.busy;
                   outcomes.add(now - arrival);
                   if (pod.waiting.empty()) return;
                   const auto [next, length] = pod.waiting.front();
                   pod.waiting.pop_front();
                   start(pod, next, length);
                 }});
  };
  std::function<void()> arrive = [&] {
    Pod& pod = pods[turn];
    if (++turn == pods.size()) turn = 0;
    const Time service = draws.service();
    if (pod.busy < kWorkers) {
      start(pod, now, service);
    } else {
      pod.waiting.emplace_back(now, service);
    }
    if (++arrived < load.requests) events.push({now + draws.gap(), arrive});
  };
  events.push({draws.gap(), arrive});
  while (!events.empty()) {
    const Event event = events.top();
    events.pop();
    now = event.at;
    event.run();
  }
  return outcomes.result(load.requests);
}

}  // namespace bench
