#include "common/base/virtual_time.h"

#include <algorithm>

#include "common/base/check.h"

namespace base {

VirtualTime::VirtualTime(Time start) : context_(1), now_(start) {}

boost::asio::any_io_executor VirtualTime::executor() { return context_.get_executor(); }

Clock::TimerId VirtualTime::call_at(Time at, std::function<void()> fn) {
  const TimerId id = ++last_id_;
  at = std::max(at, now_);
  queue_.emplace(Key{at, id}, std::move(fn));
  due_.emplace(id, at);
  return id;
}

bool VirtualTime::cancel(TimerId id) {
  const auto found = due_.find(id);
  if (found == due_.end()) return false;
  queue_.erase(Key{found->second, id});
  due_.erase(found);
  return true;
}

void VirtualTime::run_ready() {
  context_.restart();
  context_.poll();
}

void VirtualTime::run_until(Time until) {
  CHECK(until >= now_, "time never runs backwards");
  run_ready();
  while (!queue_.empty() && queue_.begin()->first.at <= until) {
    auto node = queue_.extract(queue_.begin());
    now_ = std::max(now_, node.key().at);
    due_.erase(node.key().id);
    ++fired_;
    node.mapped()();
    run_ready();
  }
  now_ = until;
}

std::optional<Time> VirtualTime::next_due() const {
  if (queue_.empty()) return std::nullopt;
  return queue_.begin()->first.at;
}

}  // namespace base
