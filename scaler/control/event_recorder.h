// Tells the cluster's users what a controller did: core/v1 Events, written behind its back so that a slow API delays no
// decision.
//
// An event like an earlier one about the same object raises that one's count; an object that causes too many is not
// heard for a while. Both as client-go does it. Single-threaded; owned by ScalerApp.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <tuple>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/metrics.h"
#include "common/base/notify.h"
#include "scaler/client/kube_client.h"

namespace scaler {

// What an event is about.
struct EventSubject {
  std::string api_version;
  std::string kind;
  ObjectMeta meta;
};

struct EventText {
  std::string component;  // "horizontal-pod-autoscaler"
  bool warning = false;
  std::string reason;
  std::string message;
};

class EventRecorder {
 public:
  EventRecorder(KubeClient& client, base::Clock& clock, const base::Log& log, base::Metrics& metrics);

  // Dropped if too many wait, or the subject has caused too many.
  void record(EventSubject subject, EventText text);

  // Never returns by itself.
  boost::asio::awaitable<void> run();

 private:
  struct Waiting {
    EventSubject subject;
    EventText text;
    base::Time at{};
  };
  // Namespace, uid or name, component, type, reason, message.
  using Likeness = std::tuple<std::string, std::string, std::string, bool, std::string, std::string>;
  struct Known {
    std::string name;
    int count = 0;
    base::Time first{};
  };
  // What an object may still cause.
  struct Allowance {
    double tokens = 0;
    base::Time at{};
  };

  bool take_token(const std::string& subject, base::Time now);
  boost::asio::awaitable<base::Result<std::string>> write(Waiting event);

  KubeClient& client_;
  base::Clock& clock_;
  const base::Log& log_;
  base::Metrics& metrics_;
  base::Notify added_;
  std::deque<Waiting> waiting_;
  base::Time named_at_{};  // the instant in the last name that was given
  std::map<Likeness, Known> known_;
  std::map<std::string, Allowance> allowances_;
};

}  // namespace scaler
