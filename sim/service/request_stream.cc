#include "sim/service/request_stream.h"

#include <algorithm>

namespace sim {

RequestStream::RequestStream(const EngineOptions& options, const QuantileTable& demand, const base::Random& stream)
    : begin_(options.start), end_(options.start + options.duration) {
  for (const TrafficSource& source : options.sources) {
    sources_.emplace_back(source.profile, options.arrivals, demand, stream.fork(source.name), options.vector_paths);
  }
  parts_.resize(sources_.size());
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
  if (sources_.size() == 1) {
    sources_.front().generate(slice, merged_);
  } else {
    for (std::size_t i = 0; i < sources_.size(); ++i) sources_[i].generate(slice, parts_[i]);
    merge();
  }
  if (begin_ > slice * kSlice) taken_ = take(slice, begin_).second;
  if (end_ < (slice + 1) * kSlice) {
    const auto last = std::lower_bound(merged_.at.begin(), merged_.at.end(), end_);
    merged_.at.erase(last, merged_.at.end());
    merged_.demand.resize(merged_.at.size());
  }
}

void RequestStream::merge() {
  merged_.clear();
  std::vector<std::size_t> next(parts_.size(), 0);
  for (;;) {
    std::size_t earliest = parts_.size();
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (next[i] == parts_[i].size()) continue;
      if (earliest == parts_.size() || parts_[i].at[next[i]] < parts_[earliest].at[next[earliest]]) earliest = i;
    }
    if (earliest == parts_.size()) return;
    merged_.at.push_back(parts_[earliest].at[next[earliest]]);
    merged_.demand.push_back(parts_[earliest].demand[next[earliest]++]);
  }
}

}  // namespace sim
