#include "fake-apiserver/controllers/event_recorder.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "common/base/time_format.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {
namespace {

constexpr const char* kCombined = "(combined from similar events): ";
// Many times what one program of a real cluster remembers (4,096), as all of them share this.
constexpr std::size_t kMostSubjects = 32'768;

std::string hexadecimal(std::int64_t value) {
  std::array<char, 20> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, 16).ptr;
  return std::string(text.data(), end);
}

Json named(const ObjectName& name) {
  Json metadata = Json::object();
  append_field(metadata, "name", name.name);
  append_field(metadata, "namespace", name.ns);
  return metadata;
}

Json origin(const std::string& component, const std::string& host) {
  Json source = Json::object();
  append_field(source, "component", component);
  if (!host.empty()) append_field(source, "host", host);
  return source;
}

}  // namespace

void EventRecorder::record(const Source& source, const Saying& saying) {
  if (!options_.enabled) return;
  Subject& subject = subject_of(source);
  const auto same_kind = [&](const Kind& kind) { return kind.reason == saying.reason && kind.type == saying.type; };
  auto kind = std::find_if(subject.kinds.begin(), subject.kinds.end(), same_kind);
  if (kind == subject.kinds.end()) {
    kind = subject.kinds.insert(kind, Kind{.type = saying.type, .reason = saying.reason, .told = {}, .combined = {}});
  }
  Told& told = choose(*kind, saying);
  count(told, source);
  // What is not heard is counted all the same.
  if (may_speak(subject)) {
    const bool combined = &told == &kind->combined;
    const Told copy = told;  // who hears of the write may have something to say, too
    write(source, saying, copy, combined);
  }
  forget_old();
}

EventRecorder::Subject& EventRecorder::subject_of(const Source& source) {
  std::string key = text_at(source.involved, {"uid"});
  for (const char* field : {"kind", "namespace", "name"}) key += '\n' + text_at(source.involved, {field});
  key += '\n' + source.component + '\n' + source.host;
  const auto [subject, added] = subjects_.try_emplace(std::move(key));
  const base::Time now = clock_.now();
  const base::Duration full = options_.burst * options_.refill;
  Subject& found = subject->second;
  found.credit = added ? full : std::min(full, found.credit + (now - found.last));
  found.last = now;
  if (added) seen_.emplace_back(now, subject);
  return found;
}

// The Event that the saying is, or is counted on.
EventRecorder::Told& EventRecorder::choose(Kind& kind, const Saying& saying) {
  const base::Time now = clock_.now();
  if (now - kind.last > options_.alike_interval) {
    for (Told& told : kind.told) told.counts_as_alike = false;
    kind.alike = 0;
  }
  kind.last = now;
  std::erase_if(kind.told,
                [&](const Told& told) { return !told.counts_as_alike && now - told.last > options_.memory; });
  auto told = std::find_if(kind.told.begin(), kind.told.end(), [&](const Told& known) {
    return known.edition == saying.edition && known.message == saying.message;
  });
  if (told != kind.told.end() && told->counts_as_alike) return *told;
  if (kind.alike + 1 >= options_.alike) return kind.combined;
  ++kind.alike;
  if (told == kind.told.end()) {
    told = kind.told.insert(told, Told{.message = saying.message, .edition = saying.edition, .name = {}});
  }
  told->counts_as_alike = true;
  return *told;
}

void EventRecorder::count(Told& told, const Source& source) {
  const base::Time now = clock_.now();
  if (told.count > 0 && now - told.last > options_.memory) told.count = 0;
  told.last = now;
  if (++told.count > 1) return;
  // The name is the object's with the time in nanoseconds, which must differ although virtual time stands still.
  last_stamp_ = std::max(last_stamp_ + 1, static_cast<std::int64_t>(now.time_since_epoch().count()));
  told.name = text_at(source.involved, {"name"}) + "." + hexadecimal(last_stamp_);
  told.first = now;
}

bool EventRecorder::may_speak(Subject& subject) {
  if (subject.credit < options_.refill) return false;
  subject.credit -= options_.refill;
  return true;
}

void EventRecorder::write(const Source& source, const Saying& saying, const Told& told, bool combined) {
  const ObjectName name{text_or(source.involved, {"namespace"}, "default"), told.name};
  const std::string message = combined ? kCombined + saying.message : saying.message;
  const std::string last = base::format_rfc3339(told.last);
  if (told.count > 1) {
    const auto updated = store_.update(resources::kEvents, name, Part::kAll, [&](Json& event) -> base::Result<> {
      event["count"] = told.count;
      event["lastTimestamp"] = last;
      event["message"] = message;
      return {};
    });
    if (updated) return;
  }
  Json event = Json::object();
  append_field(event, "apiVersion", "v1");
  append_field(event, "count", told.count);
  append_field(event, "eventTime", nullptr);
  append_field(event, "firstTimestamp", base::format_rfc3339(told.first));
  append_field(event, "involvedObject", source.involved);
  append_field(event, "kind", "Event");
  append_field(event, "lastTimestamp", last);
  append_field(event, "message", message);
  append_field(event, "metadata", named(name));
  append_field(event, "reason", saying.reason);
  append_field(event, "reportingComponent", source.component);
  append_field(event, "reportingInstance", source.host);
  append_field(event, "source", origin(source.component, source.host));
  append_field(event, "type", saying.type);
  (void)store_.create(resources::kEvents, std::move(event));
}

void EventRecorder::forget_old() {
  const base::Time now = clock_.now();
  while (!seen_.empty()) {
    const auto [since, subject] = seen_.front();
    const bool too_many = seen_.size() > kMostSubjects;
    if (!too_many && now - since <= options_.memory) return;
    seen_.pop_front();
    if (!too_many && now - subject->second.last <= options_.memory) {
      seen_.emplace_back(subject->second.last, subject);
    } else {
      subjects_.erase(subject);
    }
  }
}

}  // namespace fakeapi
