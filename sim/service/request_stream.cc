#include "sim/service/request_stream.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"

namespace sim {

RequestStream::RequestStream(const EngineOptions& options, const QuantileTable& demand, const base::Random& stream)
    : begin_(options.start), end_(options.start + options.duration), demand_(demand) {
  for (const TrafficSource& source : options.sources) {
    sources_.emplace_back(source.profile, options.arrivals, demand, stream.fork("arrivals").fork(source.name),
                          options.vector_paths);
  }
  for (const ViewerOptions& viewers : options.viewers) {
    CHECK(!viewers.reaction, "viewers that react need the event-driven engine");
    audiences_.emplace_back(viewers, stream.fork("viewers").fork(viewers.name));
  }
}

std::pair<std::size_t, std::size_t> RequestStream::take(std::int64_t slice, Ticks stop) {
  if (!loaded_ || slice != slice_) load(slice);
  const std::size_t begin = taken_;
  const auto from = merged_.at.begin() + static_cast<std::ptrdiff_t>(begin);
  taken_ = static_cast<std::size_t>(std::lower_bound(from, merged_.at.end(), stop) - merged_.at.begin());
  return {begin, taken_};
}

void RequestStream::load(std::int64_t slice) {
  loaded_ = true;
  slice_ = slice;
  taken_ = 0;
  if (audiences_.empty()) return generate(slice, scratch_, merged_);
  const std::size_t n = sources_.size();
  scratch_.parts.resize(n + audiences_.size());
  for (std::size_t i = 0; i < n; ++i) sources_[i].generate(slice, scratch_.parts[i]);
  for (std::size_t i = 0; i < audiences_.size(); ++i) draw(audiences_[i], slice, scratch_.parts[n + i]);
  if (scratch_.parts.size() == 1) {
    std::swap(merged_, scratch_.parts.front());
  } else {
    merge(scratch_.parts, merged_);
  }
  clip(slice, merged_);
}

void RequestStream::draw(Audience& audience, std::int64_t slice, ArrivalBatch& out) const {
  audience.source.generate(slice, audience.calls);
  out.at.assign(audience.calls.at.begin(), audience.calls.at.end());
  out.demand.resize(out.at.size());
  audience.demands.draw(
      slice, audience.calls, [this](ViewerCall) -> const QuantileTable& { return demand_; }, out.demand);
}

void RequestStream::generate(std::int64_t slice, Scratch& scratch, ArrivalBatch& out) const {
  if (sources_.size() == 1) {
    sources_.front().generate(slice, out);
  } else {
    scratch.parts.resize(sources_.size());
    for (std::size_t i = 0; i < sources_.size(); ++i) sources_[i].generate(slice, scratch.parts[i]);
    merge(scratch.parts, out);
  }
  clip(slice, out);
}

void RequestStream::clip(std::int64_t slice, ArrivalBatch& out) const {
  if (begin_ > slice * kSlice) {
    const auto first = std::lower_bound(out.at.begin(), out.at.end(), begin_) - out.at.begin();
    out.at.erase(out.at.begin(), out.at.begin() + first);
    out.demand.erase(out.demand.begin(), out.demand.begin() + first);
  }
  if (end_ < (slice + 1) * kSlice) {
    const auto last = std::lower_bound(out.at.begin(), out.at.end(), end_);
    out.at.erase(last, out.at.end());
    out.demand.resize(out.at.size());
  }
}

void RequestStream::merge(const std::vector<ArrivalBatch>& parts, ArrivalBatch& out) {
  out.clear();
  std::vector<std::size_t> next(parts.size(), 0);
  for (;;) {
    std::size_t earliest = parts.size();
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (next[i] == parts[i].size()) continue;
      if (earliest == parts.size() || parts[i].at[next[i]] < parts[earliest].at[next[earliest]]) earliest = i;
    }
    if (earliest == parts.size()) return;
    out.at.push_back(parts[earliest].at[next[earliest]]);
    out.demand.push_back(parts[earliest].demand[next[earliest]++]);
  }
}

}  // namespace sim
