// Writes Events about objects, as controllers do: counted when they repeat, bounded in number and age.
//
// Single-threaded; owned by the Cluster.
#pragma once

#include <deque>
#include <map>
#include <string>

#include "common/base/clock.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

struct EventRecorderOptions {
  bool enabled = true;
  std::size_t limit = 1000;
  base::Duration time_to_live = std::chrono::hours(1);
};

class EventRecorder {
 public:
  EventRecorder(EventRecorderOptions options, ObjectStore& store, base::Clock& clock)
      : options_(options), store_(store), clock_(clock) {}

  bool enabled() const { return options_.enabled; }

  // `involved` is a reference as reference_to() makes it. The same text about the same object raises the count.
  // `component` is who says it, "kubelet" with the node as `host`. Another `edition` is an event of its own.
  void normal(const Json& involved, const std::string& component, const std::string& reason, const std::string& message,
              const std::string& host = "") {
    record("Normal", involved, component, reason, message, host);
  }
  void warning(const Json& involved, const std::string& component, const std::string& reason,
               const std::string& message, const std::string& host = "", int edition = 0) {
    record("Warning", involved, component, reason, message, host, edition);
  }

 private:
  struct Recorded {
    std::string key;
    ObjectName name;
    base::Time at;
  };

  void record(const char* type, const Json& involved, const std::string& component, const std::string& reason,
              const std::string& message, const std::string& host, int edition = 0);
  bool repeat(const ObjectName& name);
  void forget_old();

  const EventRecorderOptions options_;
  ObjectStore& store_;
  base::Clock& clock_;
  std::int64_t last_stamp_ = 0;
  std::deque<Recorded> recorded_;  // oldest first
  std::map<std::string, ObjectName> by_key_;
};

}  // namespace fakeapi
