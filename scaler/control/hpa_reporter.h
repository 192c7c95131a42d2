// Tells what a round of an HPA came to, as kube-controller-manager does: status, events, Prometheus metrics.
//
// Not thread-safe; owned by one TargetController.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "scaler/client/api_types.h"
#include "scaler/model/hpa_status.h"
#include "scaler/model/observation.h"

namespace scaler {

struct ControlParts;

class HpaReporter {
 public:
  // An HPA that is no object of the API (`is_object`) has neither status nor events, only metrics. `parts` outlives
  // this object.
  HpaReporter(ObjectKey hpa, bool is_object, const ControlParts& parts)
      : hpa_(std::move(hpa)), is_object_(is_object), parts_(parts) {}

  // What another of the same object wrote.
  void inherit(const HpaReporter& before);

  // The object as it is now, as far as we know: what we wrote last counts until the cache has heard of it. nullopt if
  // it is none or was deleted.
  std::optional<HpaObjectState> state() const;

  // In a dry run nothing is written, only counted. `took`: from the round's begin to its end, the write included.
  boost::asio::awaitable<void> report(HpaRound round, base::Duration took);

 private:
  boost::asio::awaitable<base::Result<>> write_status(HpaStatus status);
  void record_event(const HpaEvent& event);
  void count(const HpaRound& round, base::Duration took);

  const ObjectKey hpa_;
  const bool is_object_;
  const ControlParts& parts_;
  std::optional<HpaStatus> written_;
  std::string written_over_;  // the resourceVersion that the cache had then
};

}  // namespace scaler
