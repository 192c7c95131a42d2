// The first attempts of all open sources and viewers in order of arrival, a slice at a time. Not thread-safe; owned by
// a MeshEngine.
#pragma once

#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "sim/service/system_options.h"
#include "sim/service/viewer_demands.h"
#include "sim/traffic/arrival_process.h"
#include "sim/traffic/viewer_source.h"

namespace sim {

class TrafficFeed {
 public:
  // Where a request comes from: an open source, or a viewer.
  struct Sender {
    std::uint32_t source = 0;  // open sources first, then the viewers
    ViewerCall kind = ViewerCall::kStart;
    ViewerHandle viewer = kNoViewer;
  };

  // `demands[i]` gives the service times of what comes in at entry i and outlives this. Sources draw from stream's
  // forks "arrivals/<name>" and "viewers/<name>".
  TrafficFeed(const SystemOptions& options, std::vector<const QuantileTable*> demands, const base::Random& stream);

  // The range of the requests of the slice that were not taken and arrive before `stop`. Another slice than that of the
  // last call is generated, with the feedback that its viewers had until now. REQUIRES: slices one after the other.
  std::pair<std::size_t, std::size_t> take(std::int64_t slice, Ticks stop);

  Ticks at(std::size_t i) const { return merged_.at[i]; }
  // 0: to be drawn, of viewers who react.
  Ticks demand(std::size_t i) const { return merged_.demand[i]; }
  Sender sender(std::size_t i) const { return senders_.empty() ? Sender{} : senders_[i]; }

  std::size_t open_sources() const { return sources_.size(); }
  std::deque<ViewerSource>& viewers() { return viewers_; }

 private:
  void load(std::int64_t slice);
  void draw(std::size_t viewers, std::int64_t slice);
  void merge();

  Ticks begin_;
  Ticks end_;
  std::vector<ArrivalProcess> sources_;
  std::deque<ViewerSource> viewers_;
  std::vector<const QuantileTable*> demands_;  // by entry
  std::vector<ViewerDemands> viewer_demands_;
  std::vector<ArrivalBatch> parts_;
  std::vector<ViewerBatch> viewer_parts_;
  std::vector<TicksColumn> viewer_demand_parts_;
  ArrivalBatch merged_;
  std::vector<Sender> senders_;  // empty if there is one open source and nothing else
  bool loaded_ = false;
  std::int64_t slice_ = 0;
  std::size_t taken_ = 0;
};

}  // namespace sim
