#include "fake-apiserver/controllers/work_queue.h"

namespace fakeapi {

void WorkQueue::add_after(const ObjectName& name, base::Duration wait) {
  const base::Time due = clock_.now() + wait;
  const auto found = queued_.find(name);
  if (found != queued_.end()) {
    if (found->second.due <= due) return;
    timers_.cancel(found->second.timer);
  }
  const Timers::Token timer = timers_.call_at(due, [this, name] {
    queued_.erase(name);
    sync_(name);
  });
  queued_[name] = Queued{due, timer};
}

}  // namespace fakeapi
