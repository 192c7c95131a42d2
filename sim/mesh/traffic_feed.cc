#include "sim/mesh/traffic_feed.h"

#include <algorithm>
#include <span>
#include <utility>

#include "common/base/check.h"

namespace sim {

TrafficFeed::TrafficFeed(const SystemOptions& options, std::vector<const QuantileTable*> demands,
                         const base::Random& stream)
    : begin_(options.start), end_(options.start + options.duration), demands_(std::move(demands)) {
  for (const OpenSource& source : options.sources) {
    CHECK(source.entry < demands_.size(), "a source has an entry");
    const TrafficSource& traffic = source.traffic;
    sources_.emplace_back(traffic.profile, options.arrivals, *demands_[source.entry],
                          stream.fork("arrivals").fork(traffic.name));
  }
  for (const ViewerOptions& viewers : options.viewers) {
    CHECK(check_viewers(viewers), "viewers can be simulated");
    for (const std::uint32_t entry : {viewers.start_entry, viewers.heartbeat_entry, viewers.exit_entry}) {
      CHECK(entry < demands_.size(), "viewers have entries");
    }
    const base::Random own = stream.fork("viewers").fork(viewers.name);
    viewers_.emplace_back(viewers, own);
    viewer_demands_.emplace_back(own);
  }
  parts_.resize(sources_.size());
  viewer_parts_.resize(viewers_.size());
  viewer_demand_parts_.resize(viewers_.size());
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
    for (std::size_t i = 0; i < viewers_.size(); ++i) draw(i, slice);
    merge();
  }
  if (begin_ > slice * kSlice) taken_ = take(slice, begin_).second;
  if (end_ < (slice + 1) * kSlice) {
    const auto last = std::lower_bound(merged_.at.begin(), merged_.at.end(), end_);
    merged_.at.erase(last, merged_.at.end());
    merged_.demand.resize(merged_.at.size());
  }
}

void TrafficFeed::draw(std::size_t viewers, std::int64_t slice) {
  ViewerSource& source = viewers_[viewers];
  source.generate(slice, viewer_parts_[viewers]);
  if (source.reacts()) return;
  viewer_demands_[viewers].draw(
      slice, viewer_parts_[viewers],
      [&](ViewerCall kind) -> const QuantileTable& { return *demands_[source.entry_of(kind)]; },
      viewer_demand_parts_[viewers]);
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
      const std::size_t viewers = earliest - parts_.size();
      const ViewerBatch& batch = viewer_parts_[viewers];
      merged_.demand.push_back(viewers_[viewers].reacts() ? 0 : viewer_demand_parts_[viewers][i]);
      sender.kind = batch.kind[i];
      sender.viewer = batch.viewer[i];
    }
    senders_.push_back(sender);
  }
}

}  // namespace sim
