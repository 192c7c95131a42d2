// The requests of all sources in order of arrival, a slice at a time. Not thread-safe; owned by an Engine.
#pragma once

#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "sim/service/engine_options.h"
#include "sim/service/viewer_demands.h"
#include "sim/traffic/arrival_process.h"
#include "sim/traffic/viewer_source.h"

namespace sim {

class RequestStream {
 public:
  // `demand` outlives this. Draws from stream's forks "arrivals/<source>" and "viewers/<name>".
  RequestStream(const EngineOptions& options, const QuantileTable& demand, const base::Random& stream);

  // The range in batch() of the requests of the slice that were not taken and arrive before `stop`. Taking from
  // another slice drops what is left of this one.
  std::pair<std::size_t, std::size_t> take(std::int64_t slice, Ticks stop);
  const ArrivalBatch& batch() const { return merged_; }

  // The requests of a whole slice, whatever was taken. REQUIRES: no viewers, who are drawn slice by slice. May be
  // called by several threads, each with its own scratch.
  struct Scratch {
    std::vector<ArrivalBatch> parts;
  };
  void generate(std::int64_t slice, Scratch& scratch, ArrivalBatch& out) const;

 private:
  void load(std::int64_t slice);
  struct Audience {
    Audience(const ViewerOptions& viewers, const base::Random& stream) : source(viewers, stream), demands(stream) {}

    ViewerSource source;
    ViewerDemands demands;
    ViewerBatch calls;
  };
  void draw(Audience& audience, std::int64_t slice, ArrivalBatch& out) const;
  void clip(std::int64_t slice, ArrivalBatch& out) const;
  static void merge(const std::vector<ArrivalBatch>& parts, ArrivalBatch& out);

  Ticks begin_;
  Ticks end_;
  const QuantileTable& demand_;
  std::vector<ArrivalProcess> sources_;
  std::deque<Audience> audiences_;  // which must not be moved
  Scratch scratch_;
  ArrivalBatch merged_;
  bool loaded_ = false;
  std::int64_t slice_ = 0;
  std::size_t taken_ = 0;
};

}  // namespace sim
