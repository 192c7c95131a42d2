// A collection of the API as a local cache that follows it: an ObjectCache filled by a Reflector.
//
// Single-threaded; owned by ScalerApp. The cache is usable at once, and complete from the first is_synced() on.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/notify.h"
#include "common/base/number_format.h"
#include "scaler/client/kube_json.h"
#include "scaler/informer/object_cache.h"
#include "scaler/informer/reflector.h"

namespace scaler {

template <class T>
class Informer final : public ReflectorTarget {
 public:
  explicit Informer(base::Clock& clock) : clock_(clock), changed_(clock.executor()) {}

  ObjectCache<T>& cache() { return cache_; }
  const ObjectCache<T>& cache() const { return cache_; }

  bool is_synced() const { return synced_; }
  // The newest resourceVersion heard of, as a number; 0 before the first list.
  std::int64_t revision() const { return revision_; }
  // When the API was last heard; nullopt before the first list.
  std::optional<base::Time> last_heard() const { return last_heard_; }
  // Signalled after every list, event and bookmark.
  base::Notify& changed() { return changed_; }

  void begin_list() override { staged_.clear(); }

  base::Result<Page> add_page(std::string_view body) override {
    auto list = decode_list<T>(body);
    if (!list) return list.error();
    for (auto& item : list->items) staged_.push_back(std::move(item));
    return Page{std::move(list->resource_version), std::move(list->continue_token)};
  }

  void commit_list(const std::string& resource_version) override {
    cache_.replace(staged_);
    staged_.clear();
    synced_ = true;
    heard(resource_version);
  }

  base::Result<Event> apply(std::string_view line) override {
    const auto event = decode_event<T>(line);
    if (!event) return event.error();
    Event result;
    result.resource_version = event->resource_version;
    result.error = event->error;
    switch (event->type) {
      case WatchEventType::kAdded:
      case WatchEventType::kModified:
        result.kind = Event::Kind::kChange;
        cache_.put(event->object);
        break;
      case WatchEventType::kDeleted:
        result.kind = Event::Kind::kChange;
        cache_.remove(event->object->meta.key);
        break;
      case WatchEventType::kBookmark: result.kind = Event::Kind::kBookmark; break;
      case WatchEventType::kError: result.kind = Event::Kind::kError; return result;
      case WatchEventType::kUnknown: return result;
    }
    heard(result.resource_version);
    return result;
  }

 private:
  void heard(const std::string& resource_version) {
    last_heard_ = clock_.now();
    revision_ = base::parse_int64(resource_version).value_or(revision_);
    changed_.notify_all();
  }

  base::Clock& clock_;
  ObjectCache<T> cache_;
  std::vector<std::shared_ptr<const T>> staged_;
  bool synced_ = false;
  std::int64_t revision_ = 0;
  std::optional<base::Time> last_heard_;
  base::Notify changed_;
};

}  // namespace scaler
