#include "common/base/scaled_clock.h"

#include <algorithm>
#include <cmath>

#include "common/base/check.h"

namespace base {
namespace {

// Sockets that never rest must not keep time from passing.
constexpr int kMostReadySteps = 100'000;
// Longer spans at a high speed leave the range of Time.
constexpr double kFarthest = 4e18;

Duration scaled(Duration d, double factor) {
  const double ns = static_cast<double>(d.count()) * factor;
  return Duration(static_cast<Duration::rep>(std::min(ns, kFarthest)));
}

}  // namespace

ScaledClock::ScaledClock(boost::asio::io_context& context, const Clock& wall, Time start, double speed)
    : context_(context),
      work_(context.get_executor()),
      wall_(wall),
      speed_(speed),
      now_(start),
      anchored_at_(wall.monotonic_now()),
      moved_(context.get_executor()) {}

Time ScaledClock::by_wall() const {
  const Duration passed = scaled(wall_.monotonic_now() - anchored_at_, speed_);
  return passed > Time::max() - now_ ? Time::max() : now_ + passed;
}

Time ScaledClock::now() const {
  if (held_ || goal_ || speed_ == 0) return now_;
  const Time present = by_wall();
  return queue_.empty() ? present : std::max(now_, std::min(present, queue_.begin()->first.at));
}

Clock::TimerId ScaledClock::add(Time at, std::function<void()> fn, bool background) {
  const TimerId id = ++last_id_;
  const Key key{std::max(at, now()), id};
  queue_.emplace(key, std::move(fn));
  if (!background) events_.insert(key);
  due_.emplace(id, key.at);
  return id;
}

bool ScaledClock::cancel(TimerId id) {
  const auto found = due_.find(id);
  if (found == due_.end()) return false;
  // The front holds now() back: without it time must not leap to where the wall is.
  const bool front = queue_.begin()->first.id == id;
  if (front && speed_ > 0 && !held_ && !goal_ && by_wall() > found->second) anchor(now());
  const Key key{found->second, id};
  queue_.erase(key);
  events_.erase(key);
  due_.erase(found);
  return true;
}

void ScaledClock::anchor(Time now) {
  now_ = now;
  anchored_at_ = wall_.monotonic_now();
}

void ScaledClock::set_speed(double speed) {
  CHECK(speed >= 0 && std::isfinite(speed), "a clock goes forward");
  anchor(now());
  speed_ = speed;
  if (goal_) end_move();
}

boost::asio::awaitable<void> ScaledClock::move_to(Time until) {
  if (until <= now()) co_return;
  anchor(now());
  goal_ = std::max(goal_.value_or(until), until);
  while (goal_ && now_ < until) co_await moved_.wait();
}

void ScaledClock::end_move() {
  goal_.reset();
  anchored_at_ = wall_.monotonic_now();
  moved_.notify_all();
}

std::optional<Time> ScaledClock::next_due() const {
  if (queue_.empty()) return std::nullopt;
  return queue_.begin()->first.at;
}

std::optional<Time> ScaledClock::next_event() const {
  if (events_.empty()) return std::nullopt;
  return events_.begin()->at;
}

std::optional<Duration> ScaledClock::wait_for_front() const {
  if (queue_.empty()) return std::nullopt;
  const Time front = queue_.begin()->first.at;
  if (front <= now_ || (goal_ && front <= *goal_)) return Duration::zero();
  if (speed_ == 0) return std::nullopt;
  const Time present = by_wall();
  return front <= present ? Duration::zero() : scaled(front - present, 1 / speed_) + Duration(1);
}

void ScaledClock::fire_front() {
  auto node = queue_.extract(queue_.begin());
  const Key key = node.key();
  // What the wall is ahead is kept, so that a busy second does not make the next one longer.
  if (speed_ > 0 && !goal_) anchored_at_ += scaled(std::max(key.at - now_, Duration::zero()), 1 / speed_);
  now_ = std::max(now_, key.at);
  events_.erase(key);
  due_.erase(key.id);
  ++fired_;
  held_ = true;
  node.mapped()();
  run_ready();
  held_ = false;
}

void ScaledClock::run_ready() {
  context_.restart();
  for (int i = 0; i < kMostReadySteps && context_.poll_one() > 0; ++i) {
  }
}

void ScaledClock::turn(Duration longest) {
  const auto wait = wait_for_front();
  if (wait == Duration::zero()) {
    run_ready();  // what was ready before the timer comes before it
    if (wait_for_front() == Duration::zero()) fire_front();
    return;
  }
  if (goal_) {
    run_ready();
    if (wait_for_front() == Duration::zero()) return;  // the last steps have asked for more
    if (goal_) now_ = std::max(now_, *goal_);
    end_move();
    return;
  }
  context_.restart();
  if (context_.poll_one() == 0) context_.run_one_for(wait ? std::min(*wait, longest) : longest);
}

}  // namespace base
