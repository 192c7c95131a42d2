#include "sim/validation/testbed_simulation.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <deque>
#include <limits>
#include <map>
#include <numbers>
#include <vector>

namespace sim::testbed {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr int kPeriod = 30;
constexpr int kFastPeriod = 3;
constexpr double kSetPoint = 0.8 * kSla;

class Container {
 public:
  // The next completion at the present number of requests and cores.
  double next() const { return jobs_.empty() ? kNever : now_ + (jobs_.begin()->first - done_) / speed(); }
  void advance(double to) {
    done_ += speed() * (to - now_);
    now_ = to;
  }
  void set_cores(double cores) { cores_ = cores; }
  double cores() const { return cores_; }
  void add(double sent) { jobs_.emplace(done_ + kDemand, sent); }
  // When the request that is complete was sent.
  double take() {
    const auto first = jobs_.begin();
    done_ = first->first;
    const double sent = first->second;
    jobs_.erase(first);
    return sent;
  }

 private:
  // Core seconds a second of each request.
  double speed() const { return jobs_.empty() ? 0 : std::min(1.0, cores_ / static_cast<double>(jobs_.size())); }

  double now_ = 0;
  double done_ = 0;  // work that a request in service since the start would have got
  double cores_ = 1;
  std::multimap<double, double> jobs_;  // by the value of done_ at which they are complete
};

class Testbed {
 public:
  Outcome run(const Users& users, const Controller& controller) {
    Outcome o;
    for (int t = 0; t < kSeconds; ++t) {
      adjust(users(t), t);
      serve_until(t + 1.0);
      const double mean = sliding_mean(t + 1.0);
      o.violations += mean > kSla ? 1 : 0;
      o.worst = std::max(o.worst, mean);
      o.mean_cores += container_.cores();
      if (t > 0 && mean > 0) container_.set_cores(std::clamp(controller(t, mean, container_.cores()), 0.5, 16.0));
    }
    o.mean_cores /= kSeconds;
    o.mean = answers_ > 0 ? total_ / answers_ : 0;
    return o;
  }

 private:
  struct Answer {
    double at;
    double latency;
  };

  void adjust(int wanted, double now) {
    if (present_ < wanted) {
      ++present_;
      container_.add(now);
    } else if (present_ > wanted) {
      --present_;
      ++leaving_;
    }
  }

  void serve_until(double end) {
    for (;;) {
      const double answer = pending_.empty() ? kNever : pending_.front().at;
      const double send = thinking_.empty() ? kNever : thinking_.front();
      const double complete = container_.next();
      const double now = std::min({answer, send, complete});
      if (now >= end) break;
      container_.advance(now);
      if (now == complete) {
        pending_.push_back({now + kFixed, now + kFixed - container_.take()});
      } else if (now == answer) {
        finish(pending_.front());
        pending_.pop_front();
      } else {
        container_.add(now);
        thinking_.pop_front();
      }
    }
    container_.advance(end);
  }

  // One who is too many leaves after the answer.
  void finish(const Answer& answer) {
    window_.push_back(answer);
    total_ += answer.latency;
    answers_ += 1;
    if (leaving_ > 0) {
      --leaving_;
    } else {
      thinking_.push_back(answer.at + kThink);
    }
  }

  double sliding_mean(double now) {
    while (!window_.empty() && window_.front().at <= now - kWindow) window_.pop_front();
    double sum = 0;
    for (const Answer& answer : window_) sum += answer.latency;
    return window_.empty() ? 0 : sum / static_cast<double>(window_.size());
  }

  Container container_;
  // The fixed part and the think time are constant, so both queues are in order.
  std::deque<Answer> pending_;
  std::deque<double> thinking_;
  std::deque<Answer> window_;
  int present_ = 0;
  int leaving_ = 0;
  double total_ = 0;
  double answers_ = 0;
};

bool acts(int t, int period) { return t % period == 0; }

}  // namespace

Users sine() {
  return [](int t) { return static_cast<int>(std::fabs(20 * std::sin(2 * std::numbers::pi * t / 200) + 20)); };
}

Users ramp() {
  return [](int t) { return static_cast<int>(t < 150 ? 10.0 : std::min(55.0, 10 + 0.15 * (t - 150))); };
}

Outcome simulate(const Users& users, const Controller& controller) { return Testbed().run(users, controller); }

Controller hold() {
  return [](int, double, double cores) { return cores; };
}

Controller rule(double step) {
  return [=](int t, double measured, double cores) {
    if (!acts(t, kPeriod)) return cores;
    if (measured < 0.5 * kSla) return cores - step;
    return measured > 0.9 * kSla ? cores + step : cores;
  };
}

Controller stepped() {
  return [](int t, double measured, double cores) {
    if (!acts(t, kPeriod)) return cores;
    const double share = measured / kSla;
    const double factor = share < 0.8 ? 0.9 : share < 0.9 ? 1.0 : share < 1.0 ? 1.1 : share < 1.1 ? 1.2 : 1.3;
    return std::ceil(cores * factor);
  };
}

Controller target(int period) {
  return [=](int t, double measured, double cores) {
    if (!acts(t, period)) return cores;
    return std::ceil(cores * std::min(3.0, measured / kSetPoint));
  };
}

Controller scale_x() {
  return [integral = 0.0](int t, double measured, double cores) mutable {
    if (!acts(t, kFastPeriod)) return cores;
    const double error = 1 / kSetPoint - 1 / measured;
    const double proposed = integral + 2.0 * error;
    const double next = std::clamp(proposed + 1.5 * error, std::max(0.5, cores / 3), 3 * cores);
    integral = next - 2.0 * error;
    return next;
  };
}

}  // namespace sim::testbed
