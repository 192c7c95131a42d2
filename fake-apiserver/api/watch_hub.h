// Carries changes of the store to watches: replay from a revision, selectors, bookmarks, time-outs, slow watchers.
//
// A change is serialised once for all watches of the same form, and only when one of them reads it. Single-threaded;
// owned by FakeApiServer. The hub must outlive its streams.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/metrics.h"
#include "common/base/random.h"
#include "common/http/handler.h"
#include "fake-apiserver/api/renderer.h"
#include "fake-apiserver/api/selector.h"

namespace fakeapi {

struct WatchOptions {
  base::Duration bookmark_interval = std::chrono::minutes(1);
  // Without timeoutSeconds a watch ends after this, or up to twice as long.
  base::Duration default_timeout = std::chrono::minutes(30);
  // Changes that wait for a watcher; one more and it is slow, and dropped.
  std::size_t queue_limit = 20'000;
  // With a crowd of watches, changes are handed out together: no sooner than so long for each open watch after the
  // last time, since waking and writing costs about that. Zero: at once.
  base::Duration pace{};
};

struct WatchRequest {
  View view;
  std::string ns;  // empty: all
  Selector selector;
  std::optional<Revision> since;  // nullopt: begin with what is there, as ADDED
  bool bookmarks = false;
  bool mark_end_of_initial_events = false;  // with a bookmark
  std::optional<base::Duration> timeout;
};

class WatchHub {
 public:
  // `wire_clock` counts time-outs and bookmarks, on the executor of the store's clock: clients wait in their own time.
  WatchHub(ObjectStore& store, base::Clock& wire_clock, base::Random random, base::Metrics& metrics,
           WatchOptions options);
  ~WatchHub();
  WatchHub(const WatchHub&) = delete;
  WatchHub& operator=(const WatchHub&) = delete;

  // A revision that history no longer reaches gives a stream of one ERROR event.
  std::unique_ptr<http::BodyStream> open(WatchRequest request);

  // Ends all watches cleanly.
  void close_all();
  // The same for those of one resource.
  void close(const Resource& resource);

  std::size_t watchers() const { return count_; }

 private:
  class Watcher;

  void deliver(const StoreEvent& event);
  bool is_crowded() const;
  void tell_all_soon();
  void add(Watcher& watcher);
  void remove(Watcher& watcher);
  std::size_t number_of(const View& view);

  ObjectStore& store_;
  base::Clock& wire_clock_;
  base::Random random_;
  base::Metrics& metrics_;
  const WatchOptions options_;
  ObjectStore::SubscriptionId subscription_;
  std::vector<View> views_;  // that were asked for so far
  std::map<Resource, std::vector<Watcher*>> watchers_;
  std::size_t count_ = 0;
  base::Clock::TimerId telling_ = 0;  // 0: nobody waits to be told
};

}  // namespace fakeapi
