#include "fake-apiserver/api/watch_hub.h"

#include <algorithm>
#include <deque>

#include "common/base/notify.h"
#include "fake-apiserver/api/status.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace asio = boost::asio;
namespace {

using Text = std::shared_ptr<const std::string>;

// Lines go out together, up to about this much, when several wait.
constexpr std::size_t kChunkSize = 1024 * 1024;
// A last bookmark shortly before the end spares the client a replay.
constexpr base::Duration kLastBookmarkBefore = std::chrono::seconds(2);
// From so many watches on, waking each for every change costs more than it helps.
constexpr std::size_t kCrowd = 100;

// A change and its serialised forms.
class SharedEvent {
 public:
  explicit SharedEvent(StoreEvent event)
      : event_(std::move(event)), ns_(text_at(*event_.object, {"metadata", "namespace"})) {}

  // `number` is the hub's of this view.
  const std::string& text(std::size_t number, const View& view, EventType as, bool with_columns, base::Time now) {
    for (const Rendered& r : rendered_) {
      if (r.view == number && r.as == as && r.with_columns == with_columns) return *r.text;
    }
    auto text = std::make_shared<const std::string>(render_event(view, as, object_for(as), with_columns, now));
    rendered_.push_back(Rendered{number, as, with_columns, std::move(text)});
    return *rendered_.back().text;
  }

  const StoreEvent& event() const { return event_; }
  const std::string& ns() const { return ns_; }

 private:
  struct Rendered {
    std::size_t view;
    EventType as;
    bool with_columns;
    Text text;
  };

  // To a watch whose selector the object has left, it looks as it was before, at the revision of the change.
  ObjectState object_for(EventType as) {
    if (as != EventType::kDeleted || event_.type == EventType::kDeleted) {
      return event_.state ? event_.state : ObjectState(event_.object);
    }
    if (!left_) {
      auto left = std::make_shared<Json>(*event_.previous);
      (*left)["metadata"]["resourceVersion"] = std::to_string(event_.revision);
      left_ = std::move(left);
    }
    return left_;
  }

  StoreEvent event_;
  std::string ns_;
  std::vector<Rendered> rendered_;
  ObjectPtr left_;
};

// What the change is to a watch with this selector, nullopt if it is nothing.
std::optional<EventType> classify(const WatchRequest& request, const SharedEvent& shared) {
  const StoreEvent& event = shared.event();
  if (!request.ns.empty() && shared.ns() != request.ns) return std::nullopt;
  if (request.selector.empty()) return event.type;
  const bool before = event.previous && request.selector.matches(*event.previous);
  const bool after = event.type != EventType::kDeleted && request.selector.matches(*event.object);
  if (before && after) return EventType::kModified;
  if (after) return EventType::kAdded;
  if (before) return EventType::kDeleted;
  return std::nullopt;
}

}  // namespace

class WatchHub::Watcher final : public http::BodyStream {
 public:
  Watcher(WatchHub& hub, WatchRequest request)
      : hub_(hub),
        request_(std::move(request)),
        view_(hub.number_of(request_.view)),
        changed_(hub.store_.clock().executor()) {
    hub_.add(*this);
    start();
    schedule();
  }

  ~Watcher() override {
    cancel_timers();
    hub_.remove(*this);
  }

  asio::awaitable<std::optional<std::string>> next_chunk() override {
    for (;;) {
      std::string chunk = take();
      if (!chunk.empty()) co_return std::optional<std::string>(std::move(chunk));
      if (ended_) co_return std::nullopt;
      waiting_ = true;
      co_await changed_.wait();
      waiting_ = false;
    }
  }

  const Resource& resource() const { return request_.view.info->resource; }

  void deliver(const std::shared_ptr<SharedEvent>& event) {
    if (ended_ || event->event().revision <= seen_) return;
    const auto as = classify(request_, *event);
    if (!as) return;
    if (live_ >= hub_.options_.queue_limit) return drop();
    ++live_;
    queue_.push_back(Line{event, *as, nullptr, true});
    if (hub_.is_crowded()) {
      hub_.tell_all_soon();
    } else {
      wake();
    }
  }

  void tell() {
    if (!queue_.empty()) wake();
  }

  void end() {
    ended_ = true;
    cancel_timers();
    wake();
  }

 private:
  struct Line {
    std::shared_ptr<SharedEvent> event;  // or else
    EventType as;
    Text text;              // or else
    bool live;              // counts against the limit
    ObjectState initial{};  // without an event: an object that was there when the watch began
  };

  ObjectStore& store() { return hub_.store_; }

  void wake() {
    if (waiting_) changed_.notify_all();
  }

  void start() {
    seen_ = store().revision();
    if (!request_.since) {
      store().visit(resource(), request_.ns, [this](const ObjectName&, const ObjectState& object) {
        if (!request_.selector.empty() && !request_.selector.matches(*object.document())) return;
        queue_.push_back(Line{nullptr, EventType::kAdded, nullptr, false, object});
      });
      if (request_.mark_end_of_initial_events) push_text(render_bookmark(request_.view, seen_, true));
      return;
    }
    if (*request_.since > seen_) return refuse(future_revision(*request_.since, seen_));
    auto missed = store().events_since(resource(), *request_.since);
    if (!missed) {
      return refuse(
          expired("too old resource version: " + std::to_string(*request_.since) + " (" + std::to_string(seen_) + ")"));
    }
    for (StoreEvent& event : *missed) {
      auto shared = std::make_shared<SharedEvent>(std::move(event));
      if (const auto as = classify(request_, *shared)) queue_.push_back(Line{std::move(shared), *as, nullptr, false});
    }
    if (request_.mark_end_of_initial_events) push_text(render_bookmark(request_.view, seen_, true));
  }

  void refuse(const StatusError& error) {
    push_text(render_error_event(to_json(error)));
    ended_ = true;
  }

  void push_text(std::string text) {
    queue_.push_back(Line{nullptr, EventType::kAdded, std::make_shared<const std::string>(std::move(text)), false});
  }

  void schedule() {
    if (ended_) return;
    base::Clock& clock = hub_.wire_clock_;
    base::Duration timeout = request_.timeout.value_or(base::Duration::zero());
    if (!request_.timeout) {
      timeout = hub_.options_.default_timeout +
                base::Duration(static_cast<std::int64_t>(hub_.random_.uniform() *
                                                         static_cast<double>(hub_.options_.default_timeout.count())));
    }
    ends_at_ = clock.now() + timeout;
    end_timer_ = clock.call_at(ends_at_, [this] { end(); });
    if (request_.bookmarks) schedule_bookmark();
  }

  void schedule_bookmark() {
    const base::Time now = hub_.wire_clock_.now();
    base::Time next = now + hub_.options_.bookmark_interval;
    const base::Time last = ends_at_ - kLastBookmarkBefore;
    if (next > last && last > now) next = last;
    if (next > last) return;
    bookmark_timer_ = hub_.wire_clock_.call_at(next, [this] {
      push_text(render_bookmark(request_.view, store().revision(), false));
      wake();
      schedule_bookmark();
    });
  }

  void cancel_timers() {
    hub_.wire_clock_.cancel(end_timer_);
    hub_.wire_clock_.cancel(bookmark_timer_);
  }

  void drop() {
    queue_.clear();
    live_ = 0;
    end();
    hub_.metrics_.increment("fakeapi_watch_drops_total", "Watches ended because their client read too slowly");
  }

  std::string take() {
    std::string chunk;
    while (!queue_.empty() && chunk.size() < kChunkSize) {
      const Line line = std::move(queue_.front());
      queue_.pop_front();
      if (line.live) --live_;
      if (line.text) {
        chunk += *line.text;
        continue;
      }
      const bool columns = !columns_sent_ && request_.view.format.form == Form::kTable;
      columns_sent_ = true;
      const base::Time now = store().clock().now();
      chunk += line.event ? line.event->text(view_, request_.view, line.as, columns, now)
                          : render_event(request_.view, line.as, line.initial, columns, now);
    }
    return chunk;
  }

  WatchHub& hub_;
  const WatchRequest request_;
  const std::size_t view_;  // the hub's number of request_.view
  base::Notify changed_;
  bool waiting_ = false;  // somebody is to be told of changes
  Revision seen_ = 0;     // later changes come through deliver()
  std::deque<Line> queue_;
  std::size_t live_ = 0;
  bool columns_sent_ = false;
  bool ended_ = false;
  base::Time ends_at_{};
  base::Clock::TimerId end_timer_ = 0;
  base::Clock::TimerId bookmark_timer_ = 0;
};

WatchHub::WatchHub(ObjectStore& store, base::Clock& wire_clock, base::Random random, base::Metrics& metrics,
                   WatchOptions options)
    : store_(store), wire_clock_(wire_clock), random_(random), metrics_(metrics), options_(options) {
  subscription_ = store_.subscribe_all([this](const StoreEvent& event) { deliver(event); });
}

WatchHub::~WatchHub() {
  wire_clock_.cancel(telling_);
  store_.unsubscribe(subscription_);
}

bool WatchHub::is_crowded() const { return count_ >= kCrowd && options_.pace > base::Duration::zero(); }

void WatchHub::tell_all_soon() {
  if (telling_ != 0) return;
  telling_ = wire_clock_.call_after(options_.pace * static_cast<std::int64_t>(count_), [this] {
    telling_ = 0;
    for (auto& [resource, watchers] : watchers_) {
      for (Watcher* watcher : watchers) watcher->tell();
    }
  });
}

std::unique_ptr<http::BodyStream> WatchHub::open(WatchRequest request) {
  return std::make_unique<Watcher>(*this, std::move(request));
}

void WatchHub::close_all() {
  for (auto& [resource, watchers] : watchers_) {
    for (Watcher* watcher : watchers) watcher->end();
  }
}

void WatchHub::close(const Resource& resource) {
  const auto found = watchers_.find(resource);
  if (found == watchers_.end()) return;
  for (Watcher* watcher : found->second) watcher->end();
}

void WatchHub::deliver(const StoreEvent& event) {
  const auto found = watchers_.find(event.resource);
  if (found == watchers_.end() || found->second.empty()) return;
  const auto shared = std::make_shared<SharedEvent>(event);
  for (Watcher* watcher : found->second) watcher->deliver(shared);
}

// Views are few: kinds, their versions and forms.
std::size_t WatchHub::number_of(const View& view) {
  const auto found = std::find(views_.begin(), views_.end(), view);
  if (found != views_.end()) return static_cast<std::size_t>(found - views_.begin());
  views_.push_back(view);
  return views_.size() - 1;
}

void WatchHub::add(Watcher& watcher) {
  watchers_[watcher.resource()].push_back(&watcher);
  ++count_;
  metrics_.set("fakeapi_watchers", "Watches that are open", static_cast<double>(count_));
}

void WatchHub::remove(Watcher& watcher) {
  std::erase(watchers_[watcher.resource()], &watcher);
  --count_;
  metrics_.set("fakeapi_watchers", "Watches that are open", static_cast<double>(count_));
}

}  // namespace fakeapi
