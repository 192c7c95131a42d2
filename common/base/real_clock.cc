#include "common/base/real_clock.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <unordered_map>
#include <utility>

namespace base {
namespace {

constexpr Duration kLongestWait = std::chrono::minutes(1);

Time wall_now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

}  // namespace

// One ordered queue with one timer for its front: a timer for each call would not keep the order of equal times.
struct RealClock::Queue : std::enable_shared_from_this<Queue> {
  using Key = std::pair<Time, TimerId>;

  explicit Queue(boost::asio::any_io_executor executor) : timer(std::move(executor)) {}

  void arm() {
    if (calls.empty() || running) return;
    const Time front = calls.begin()->first.first;
    const Time now = wall_now();
    const Duration wait = front <= now ? Duration::zero() : std::min(front - now, kLongestWait);
    timer.expires_after(wait);
    timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error) self->run_due();
    });
  }

  // Leaves calls that were asked for meanwhile to the next round, so that others on the executor get their turn.
  void run_due() {
    const Time now = wall_now();
    const TimerId newest = last;
    running = true;
    for (auto next = calls.begin(); next != calls.end() && next->first.first <= now; next = calls.begin()) {
      if (next->first.second > newest) break;
      auto call = calls.extract(next);
      due.erase(call.key().second);
      call.mapped()();
    }
    running = false;
    arm();
  }

  boost::asio::steady_timer timer;
  TimerId last = 0;
  bool running = false;
  std::map<Key, std::function<void()>> calls;
  std::unordered_map<TimerId, Time> due;  // for cancel(); never iterated
};

RealClock::RealClock(boost::asio::any_io_executor executor)
    : executor_(executor), queue_(std::make_shared<Queue>(std::move(executor))) {}

RealClock::~RealClock() {
  queue_->calls.clear();
  queue_->timer.cancel();
}

Time RealClock::now() const { return wall_now(); }

MonoTime RealClock::monotonic_now() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
}

Clock::TimerId RealClock::call_at(Time at, std::function<void()> fn) {
  const TimerId id = ++queue_->last;
  const auto placed = queue_->calls.emplace(Queue::Key{at, id}, std::move(fn)).first;
  queue_->due.emplace(id, at);
  if (placed == queue_->calls.begin()) queue_->arm();
  return id;
}

bool RealClock::cancel(TimerId id) {
  const auto found = queue_->due.find(id);
  if (found == queue_->due.end()) return false;
  queue_->calls.erase(Queue::Key{found->second, id});
  queue_->due.erase(found);
  if (queue_->calls.empty()) queue_->timer.cancel();
  return true;
}

}  // namespace base
