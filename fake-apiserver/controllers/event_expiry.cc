#include "fake-apiserver/controllers/event_expiry.h"

#include <algorithm>

#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {
namespace {

// As well as the object tells: of one that was there before its expiry was looked after, or that was restored.
base::Time written_by_its_times(const Json& event, base::Time now) {
  base::Time written = time_at(event, {"metadata", "creationTimestamp"}).value_or(now);
  written = std::max(written, time_at(event, {"lastTimestamp"}).value_or(written));
  written = std::max(written, time_at(event, {"series", "lastObservedTime"}).value_or(written));
  return std::min(written, now);
}

}  // namespace

EventExpiry::EventExpiry(EventExpiryOptions options, ObjectStore& store, base::Clock& clock)
    : options_(options),
      store_(store),
      clock_(clock),
      background_(clock),
      subscription_(store, resources::kEvents, [this](const StoreEvent& event) { on_event(event); }) {
  for (const ObjectPtr& event : store.list(resources::kEvents)) {
    note(name_of(*event), written_by_its_times(*event, clock_.now()));
  }
}

void EventExpiry::on_event(const StoreEvent& event) {
  const ObjectName name = name_of(*event.object);
  if (event.type == EventType::kDeleted) return forget(name);
  const bool just_written = text_at(*event.object, {"metadata", "resourceVersion"}) == std::to_string(event.revision);
  note(name, just_written ? clock_.now() : written_by_its_times(*event.object, clock_.now()));
  while (last_write_.size() > options_.limit) remove_oldest();
}

void EventExpiry::note(const ObjectName& name, base::Time written) {
  const Write write{written, ++writes_};
  const auto [known, added] = last_write_.try_emplace(name, write);
  if (added) {
    oldest_first_.emplace_hint(oldest_first_.end(), write, name);
  } else {
    auto entry = oldest_first_.extract(known->second);
    entry.key() = write;
    oldest_first_.insert(oldest_first_.end(), std::move(entry));
    known->second = write;
  }
  if (!awaited_ || oldest_first_.begin()->first.at + options_.time_to_live < *awaited_) await_next();
}

void EventExpiry::forget(const ObjectName& name) {
  const auto known = last_write_.find(name);
  if (known == last_write_.end()) return;
  oldest_first_.erase(known->second);
  last_write_.erase(known);
}

void EventExpiry::remove_oldest() {
  const ObjectName name = oldest_first_.begin()->second;
  forget(name);
  (void)store_.remove(resources::kEvents, name, {});
}

void EventExpiry::expire() {
  awaited_.reset();
  while (!oldest_first_.empty() && oldest_first_.begin()->first.at + options_.time_to_live <= clock_.now()) {
    remove_oldest();
  }
  await_next();
}

// Later than needed if the oldest has been written again meanwhile: then it asks anew.
void EventExpiry::await_next() {
  if (oldest_first_.empty()) return;
  const base::Time next = oldest_first_.begin()->first.at + options_.time_to_live;
  if (awaited_ && *awaited_ <= next) return;
  awaited_ = next;
  timers_.call_at(next, [this, next] {
    if (awaited_ == next) expire();
  });
}

}  // namespace fakeapi
