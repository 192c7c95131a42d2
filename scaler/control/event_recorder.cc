#include "scaler/control/event_recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "common/base/time_format.h"

namespace scaler {
namespace asio = boost::asio;
namespace {

using Json = nlohmann::json;

// client-go's: queue of the broadcaster, memory of the correlator, and its filter of one object's events.
constexpr std::size_t kMostWaiting = 1000;
constexpr std::size_t kMostKnown = 4096;
constexpr double kBurst = 25;
constexpr double kTokensPerSecond = 1.0 / 300;

constexpr char kEvents[] = "scaler_events_total";
constexpr char kEventsHelp[] = "Events about policy objects by what became of them";

std::string dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string subject_key(const EventSubject& subject) { return subject.kind + " " + subject.meta.key.text(); }

// Of events of all time, as client-go names them.
std::string event_name(const EventSubject& subject, base::Time at) {
  return fmt::format("{}.{:x}", subject.meta.key.name, at.time_since_epoch().count());
}

Json involved(const EventSubject& subject) {
  Json object = {{"kind", subject.kind},
                 {"namespace", subject.meta.key.ns},
                 {"name", subject.meta.key.name},
                 {"apiVersion", subject.api_version}};
  if (!subject.meta.uid.empty()) object["uid"] = subject.meta.uid;
  if (!subject.meta.resource_version.empty()) object["resourceVersion"] = subject.meta.resource_version;
  return object;
}

}  // namespace

EventRecorder::EventRecorder(KubeClient& client, base::Clock& clock, const base::Log& log, base::Metrics& metrics)
    : client_(client), clock_(clock), log_(log), metrics_(metrics), added_(clock.executor()) {}

bool EventRecorder::take_token(const std::string& subject, base::Time now) {
  if (allowances_.size() >= kMostKnown && !allowances_.contains(subject)) allowances_.clear();
  const auto [at, added] = allowances_.try_emplace(subject, Allowance{kBurst, now});
  Allowance& allowance = at->second;
  if (now > allowance.at) {
    allowance.tokens = std::min(kBurst, allowance.tokens + base::seconds(now - allowance.at) * kTokensPerSecond);
    allowance.at = now;
  }
  if (allowance.tokens < 1) return false;
  allowance.tokens -= 1;
  return true;
}

void EventRecorder::record(EventSubject subject, EventText text) {
  const base::Time now = clock_.now();
  if (waiting_.size() >= kMostWaiting || !take_token(subject_key(subject), now)) {
    metrics_.increment(kEvents, kEventsHelp, {{"outcome", "dropped"}});
    return;
  }
  waiting_.push_back({std::move(subject), std::move(text), now});
  added_.notify_all();
}

asio::awaitable<void> EventRecorder::run() {
  for (;;) {
    while (waiting_.empty()) co_await added_.wait();
    Waiting event = std::move(waiting_.front());
    waiting_.pop_front();
    const std::string about = subject_key(event.subject);
    const auto written = co_await write(std::move(event));
    metrics_.increment(kEvents, kEventsHelp, {{"outcome", written ? "written" : "failed"}});
    if (!written) log_.debug("event not written", {{"about", about}, {"error", written.error().message}});
  }
}

asio::awaitable<base::Result<std::string>> EventRecorder::write(Waiting event) {
  const EventText& text = event.text;
  const std::string ns = event.subject.meta.key.ns;
  Likeness likeness{
      subject_key(event.subject), event.subject.meta.uid, text.component, text.warning, text.reason, text.message};
  if (known_.size() >= kMostKnown && !known_.contains(likeness)) known_.clear();
  Known known = known_[likeness];
  known.count += 1;
  const std::string at = base::format_rfc3339(event.at);
  if (known.count > 1) {
    Json patch = {{"count", known.count}, {"lastTimestamp", at}};
    std::string path = object_path("api/v1", ns, "events", known.name);
    std::string body = dump(patch);
    auto patched = co_await client_.merge_patch(std::move(path), std::move(body));
    if (patched) known_[likeness].count = known.count;
    if (patched || patched.error().code != base::ErrorCode::kNotFound) co_return patched;
  } else {
    known.first = event.at;
  }
  named_at_ = std::max(event.at, named_at_ + base::Duration(1));  // events of one instant need names of their own
  known.name = event_name(event.subject, named_at_);
  Json object = {{"kind", "Event"},
                 {"apiVersion", "v1"},
                 {"involvedObject", involved(event.subject)},
                 {"reason", text.reason},
                 {"message", text.message},
                 {"type", text.warning ? "Warning" : "Normal"},
                 {"firstTimestamp", base::format_rfc3339(known.first)},
                 {"lastTimestamp", at},
                 {"count", known.count},
                 {"reportingComponent", text.component},
                 {"reportingInstance", ""}};
  object["metadata"] = {{"name", known.name}, {"namespace", ns}};
  object["source"]["component"] = text.component;
  std::string path = object_path("api/v1", ns, "events");
  std::string body = dump(object);
  auto created = co_await client_.post(std::move(path), std::move(body));
  if (created) known_[likeness] = known;
  co_return created;
}

}  // namespace scaler
