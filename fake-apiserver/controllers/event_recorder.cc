#include "fake-apiserver/controllers/event_recorder.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "common/base/time_format.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {
namespace {

std::string hexadecimal(std::int64_t value) {
  std::array<char, 20> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, 16).ptr;
  return std::string(text.data(), end);
}

}  // namespace

void EventRecorder::record(const char* type, const Json& involved, const std::string& component,
                           const std::string& reason, const std::string& message, const std::string& host,
                           int edition) {
  if (!options_.enabled) return;
  std::string key = text_at(involved, {"uid"}) + '\n' + component + '\n' + reason + '\n' + message;
  if (edition > 0) key += '\n' + std::to_string(edition);
  const auto known = by_key_.find(key);
  if (known != by_key_.end() && repeat(known->second)) return;

  // The name is the object's with the time in nanoseconds, which must differ although virtual time stands still.
  last_stamp_ = std::max(last_stamp_ + 1, static_cast<std::int64_t>(clock_.now().time_since_epoch().count()));
  const ObjectName name{text_or(involved, {"namespace"}, "default"),
                        text_at(involved, {"name"}) + "." + hexadecimal(last_stamp_)};
  const std::string now = base::format_rfc3339(clock_.now());
  Json source{{"component", component}};
  if (!host.empty()) source["host"] = host;
  Json event{{"apiVersion", "v1"},
             {"kind", "Event"},
             {"metadata", {{"name", name.name}, {"namespace", name.ns}}},
             {"involvedObject", involved},
             {"type", type},
             {"reason", reason},
             {"message", message},
             {"source", std::move(source)},
             {"firstTimestamp", now},
             {"lastTimestamp", now},
             {"count", 1},
             {"eventTime", nullptr},
             {"reportingComponent", component},
             {"reportingInstance", host}};
  if (!store_.create(resources::kEvents, std::move(event))) return;
  by_key_[key] = name;
  recorded_.push_back(Recorded{std::move(key), name, clock_.now()});
  forget_old();
}

bool EventRecorder::repeat(const ObjectName& name) {
  const auto updated = store_.update(resources::kEvents, name, Part::kAll, [&](Json& event) -> base::Result<> {
    event["count"] = int_at(event, {"count"}, 1) + 1;
    event["lastTimestamp"] = base::format_rfc3339(clock_.now());
    return {};
  });
  return updated.has_value();
}

void EventRecorder::forget_old() {
  while (!recorded_.empty() &&
         (recorded_.size() > options_.limit || recorded_.front().at + options_.time_to_live < clock_.now())) {
    const Recorded& oldest = recorded_.front();
    // Somebody may have deleted it before: then there is nothing to do.
    (void)store_.remove(resources::kEvents, oldest.name, {});
    const auto known = by_key_.find(oldest.key);
    if (known != by_key_.end() && known->second == oldest.name) by_key_.erase(known);
    recorded_.pop_front();
  }
}

}  // namespace fakeapi
