// Writes Events about objects, as the programs of a cluster do through client-go: what repeats is counted, what is
// alike is combined, and who says too much of one object is not heard.
//
// Single-threaded; owned by the Cluster. Events end by EventExpiry.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

// The defaults are client-go's.
struct EventRecorderOptions {
  bool enabled = true;
  // Of one source about one object: a token bucket.
  int burst = 25;
  base::Duration refill = std::chrono::minutes(5);  // of one token
  // From that many texts of one type and reason on, none further apart than the interval, the rest share one Event.
  std::size_t alike = 10;
  base::Duration alike_interval = std::chrono::minutes(10);
  // What nothing was said of for so long is forgotten: its Events have ended.
  base::Duration memory = std::chrono::hours(1);
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
    record({involved, component, host}, {"Normal", reason, message});
  }
  void warning(const Json& involved, const std::string& component, const std::string& reason,
               const std::string& message, const std::string& host = "", int edition = 0) {
    record({involved, component, host}, {"Warning", reason, message, edition});
  }

 private:
  struct Source {
    const Json& involved;
    const std::string& component;
    const std::string& host;
  };
  struct Saying {
    const char* type;
    const std::string& reason;
    const std::string& message;
    int edition = 0;
  };
  // An Event object, written or still to be.
  struct Told {
    std::string message;
    int edition = 0;
    bool counts_as_alike = false;
    std::string name;
    std::int64_t count = 0;
    base::Time first{};
    base::Time last{};
  };
  struct Kind {
    std::string type;
    std::string reason;
    std::vector<Told> told;
    Told combined;
    std::size_t alike = 0;  // how many of `told` count
    base::Time last{};
  };
  // What one source has said of one object.
  struct Subject {
    std::vector<Kind> kinds;
    base::Duration credit{};  // a token is `refill`
    base::Time last{};
  };
  using Subjects = std::map<std::string, Subject>;

  void record(const Source& source, const Saying& saying);
  Subject& subject_of(const Source& source);
  Told& choose(Kind& kind, const Saying& saying);
  void count(Told& told, const Source& source);
  bool may_speak(Subject& subject);
  void write(const Source& source, const Saying& saying, const Told& told, bool combined);
  void forget_old();

  const EventRecorderOptions options_;
  ObjectStore& store_;
  base::Clock& clock_;
  std::int64_t last_stamp_ = 0;
  Subjects subjects_;
  std::deque<std::pair<base::Time, Subjects::iterator>> seen_;  // the oldest first
};

}  // namespace fakeapi
