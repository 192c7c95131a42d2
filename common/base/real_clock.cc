#include "common/base/real_clock.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <unordered_map>
#include <utility>

namespace base {
namespace {

Time system_now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

MonoTime steady_now() { return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now()); }

}  // namespace

// One ordered queue with one timer for its front: a timer for each call would not keep the order of equal times.
// Times are those since the epoch of its own clock.
struct RealClock::Queue : std::enable_shared_from_this<Queue> {
  using Key = std::pair<Duration, TimerId>;

  Queue(boost::asio::any_io_executor executor, std::function<Duration()> clock, Duration cap)
      : timer(std::move(executor)), now(std::move(clock)), longest_wait(cap) {}

  void add(Duration at, TimerId id, std::function<void()> fn) {
    newest = id;
    const auto placed = calls.emplace(Key{at, id}, std::move(fn)).first;
    due.emplace(id, at);
    if (placed == calls.begin()) arm();
  }

  bool cancel(TimerId id) {
    const auto found = due.find(id);
    if (found == due.end()) return false;
    calls.erase(Key{found->second, id});
    due.erase(found);
    if (calls.empty()) timer.cancel();
    return true;
  }

  void clear() {
    calls.clear();
    timer.cancel();
  }

  void arm() {
    if (calls.empty() || running) return;
    const Duration front = calls.begin()->first.first;
    const Duration present = now();
    timer.expires_after(front <= present ? Duration::zero() : std::min(front - present, longest_wait));
    timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error) self->run_due();
    });
  }

  // Leaves calls that were asked for meanwhile to the next round, so that others on the executor get their turn.
  void run_due() {
    const Duration present = now();
    const TimerId last = newest;
    running = true;
    for (auto next = calls.begin(); next != calls.end() && next->first.first <= present; next = calls.begin()) {
      if (next->first.second > last) break;
      auto call = calls.extract(next);
      due.erase(call.key().second);
      call.mapped()();
    }
    running = false;
    arm();
  }

  boost::asio::steady_timer timer;
  const std::function<Duration()> now;
  const Duration longest_wait;
  TimerId newest = 0;
  bool running = false;
  std::map<Key, std::function<void()>> calls;
  std::unordered_map<TimerId, Duration> due;  // for cancel(); never iterated
};

RealClock::RealClock(boost::asio::any_io_executor executor, RealClockOptions options)
    : executor_(std::move(executor)),
      wall_now_(options.wall_now ? std::move(options.wall_now) : system_now),
      by_wall_(std::make_shared<Queue>(
          executor_, [wall_now = wall_now_] { return wall_now().time_since_epoch(); }, options.longest_wait)),
      by_steady_(std::make_shared<Queue>(
          executor_, [] { return steady_now().time_since_epoch(); }, options.longest_wait)) {}

RealClock::~RealClock() {
  by_wall_->clear();
  by_steady_->clear();
}

Time RealClock::now() const { return wall_now_(); }

MonoTime RealClock::monotonic_now() const { return steady_now(); }

Clock::TimerId RealClock::call_at(Time at, std::function<void()> fn) {
  const TimerId id = ++last_;
  by_wall_->add(at.time_since_epoch(), id, std::move(fn));
  return id;
}

Clock::TimerId RealClock::call_at_monotonic(MonoTime at, std::function<void()> fn) {
  const TimerId id = ++last_;
  by_steady_->add(at.time_since_epoch(), id, std::move(fn));
  return id;
}

bool RealClock::cancel(TimerId id) { return by_wall_->cancel(id) || by_steady_->cancel(id); }

}  // namespace base
