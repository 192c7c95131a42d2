// The service times of viewers' calls, drawn by slice in the order of the calls. Of viewers who do not react: what a
// reaction adds would shift all that follow it in its slice. Not thread-safe; a value.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/base/random.h"
#include "sim/traffic/arrival_process.h"
#include "sim/traffic/poisson_points.h"
#include "sim/traffic/quantile_table.h"
#include "sim/traffic/viewer_source.h"
#include "sim/traffic/xoshiro.h"

namespace sim {

class ViewerDemands {
 public:
  // `viewers` is the stream of their source.
  explicit ViewerDemands(const base::Random& viewers) : stream_(viewers.fork("demands")) {}

  // Replaces `demands` by those of the slice's calls; `table_of(kind)` gives the distribution.
  template <class TableOf>
  void draw(std::int64_t slice, const ViewerBatch& calls, TableOf table_of, TicksColumn& demands) const {
    demands.resize(calls.size());
    Xoshiro bits(stream_.fork(static_cast<std::uint64_t>(slice)).key());
    for (std::size_t i = 0; i < demands.size(); ++i) {
      const QuantileTable& table = table_of(calls.kind[i]);
      demands[i] = to_demand(table(static_cast<std::uint32_t>(bits.next() >> 32)));
    }
  }

 private:
  base::Random stream_;
};

}  // namespace sim
