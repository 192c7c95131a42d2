#include "sim/mesh/traffic_feed.h"

#include <algorithm>
#include <span>

#include "common/base/check.h"

namespace sim {

TrafficFeed::TrafficFeed(const SystemOptions& options, std::vector<const QuantileTable*> demands,
                         const base::Random& stream)
    : begin_(options.start), end_(options.start + options.duration) {
  for (std::size_t i = 0; i < options.sources.size(); ++i) {
    const TrafficSource& traffic = options.sources[i].traffic;
    sources_.emplace_back(traffic.profile, options.arrivals, *demands[i], stream.fork("arrivals").fork(traffic.name));
  }
  for (const ViewerOptions& viewers : options.viewers) {
    CHECK(check_viewers(viewers), "viewers can be simulated");
    viewers_.emplace_back(viewers, stream.fork("viewers").fork(viewers.name));
  }
  parts_.resize(sources_.size());
  viewer_parts_.resize(viewers_.size());
}

std::pair<std::size_t, std::size_t> TrafficFeed::take(std::int64_t slice, Ticks stop) {
  if (!loaded_ || slice != slice_) load(slice);
  const std::size_t begin = taken_;
  const auto from = merged_.at.begin() + static_cast<std::ptrdiff_t>(begin);
  taken_ = static_cast<std::size_t>(std::lower_bound(from, merged_.at.end(), stop) - merged_.at.begin());
  return {begin, taken_};
}

void TrafficFeed::load(std::int64_t slice) {
  loaded_ = true;
  slice_ = slice;
  taken_ = 0;
  if (sources_.size() == 1 && viewers_.empty()) {
    sources_.front().generate(slice, merged_);
  } else {
    for (std::size_t i = 0; i < sources_.size(); ++i) sources_[i].generate(slice, parts_[i]);
    for (std::size_t i = 0; i < viewers_.size(); ++i) viewers_[i].generate(slice, viewer_parts_[i]);
    merge();
  }
  if (begin_ > slice * kSlice) taken_ = take(slice, begin_).second;
  if (end_ < (slice + 1) * kSlice) {
    const auto last = std::lower_bound(merged_.at.begin(), merged_.at.end(), end_);
    merged_.at.erase(last, merged_.at.end());
    merged_.demand.resize(merged_.at.size());
  }
}

void TrafficFeed::merge() {
  merged_.clear();
  senders_.clear();
  const std::size_t parts = parts_.size() + viewer_parts_.size();
  const auto times = [this](std::size_t part) -> std::span<const Ticks> {
    if (part < parts_.size()) return {parts_[part].at.data(), parts_[part].size()};
    const ViewerBatch& batch = viewer_parts_[part - parts_.size()];
    return {batch.at.data(), batch.size()};
  };
  std::vector<std::size_t> next(parts, 0);
  for (;;) {
    std::size_t earliest = parts;
    Ticks at = kNever;
    for (std::size_t i = 0; i < parts; ++i) {
      if (next[i] == times(i).size() || times(i)[next[i]] >= at) continue;
      earliest = i;
      at = times(i)[next[i]];
    }
    if (earliest == parts) return;
    const std::size_t i = next[earliest]++;
    merged_.at.push_back(at);
    Sender sender{.source = static_cast<std::uint32_t>(earliest), .kind = ViewerCall::kStart, .viewer = kNoViewer};
    if (earliest < parts_.size()) {
      merged_.demand.push_back(parts_[earliest].demand[i]);
    } else {
      const ViewerBatch& batch = viewer_parts_[earliest - parts_.size()];
      merged_.demand.push_back(0);
      sender.kind = batch.kind[i];
      sender.viewer = batch.viewer[i];
    }
    senders_.push_back(sender);
  }
}

}  // namespace sim
