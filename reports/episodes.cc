#include "reports/episodes.h"

#include <algorithm>

namespace report {
namespace {

constexpr double kPauseSeconds = 30;
constexpr double kNoiseSeconds = 5;
// Arrivals are random: this many seconds in a row above capacity are a crossing, one is not.
constexpr std::size_t kCrossingSamples = 3;

class Finder {
 public:
  Finder(const Series& series, const std::optional<Slo>& slo) : series_(series), slo_(slo) {}

  std::vector<Episode> find() {
    std::vector<Episode> episodes;
    for (std::size_t i = 0; i < series_.t.size();) {
      if (!troubled(i)) {
        ++i;
        continue;
      }
      std::size_t last = i;
      for (std::size_t k = i; k < series_.t.size() && series_.t[k] - series_.t[last] <= kPauseSeconds; ++k) {
        if (troubled(k)) last = k;
      }
      if (const auto episode = describe(i, last)) episodes.push_back(*episode);
      i = last + 1;
    }
    return episodes;
  }

  bool degraded(std::size_t i) const { return slo_ && series_[slo_->column()][i] > slo_->latency_ms; }

 private:
  bool is_short(std::size_t i) const { return series_[kArrivals][i] > series_[kCapacity][i]; }
  bool troubled(std::size_t i) const { return is_short(i) || degraded(i); }
  double end(std::size_t i) const { return series_.t[i] + series_.step(i); }
  bool at_end(std::size_t i) const { return i + 1 == series_.t.size(); }

  std::optional<Episode> describe(std::size_t first, std::size_t last) const {
    Episode episode;
    episode.whole = {series_.t[first], end(last)};
    double short_seconds = 0;
    std::optional<std::size_t> last_degraded;
    for (std::size_t i = first; i <= last; ++i) {
      if (is_short(i)) short_seconds += series_.step(i);
      if (degraded(i)) {
        episode.degraded_seconds += series_.step(i);
        last_degraded = i;
      }
      add_losses(i, episode);
    }
    if (episode.degraded_seconds == 0 && short_seconds < kNoiseSeconds) return std::nullopt;
    if (short_seconds >= kNoiseSeconds) add_response(first, last, episode);
    if (last_degraded && !at_end(*last_degraded)) episode.calm = end(*last_degraded);
    return episode;
  }

  void add_losses(std::size_t i, Episode& episode) const {
    if (series_[kFailed][i] > 0) episode.failed += series_[kFailed][i];
    if (series_[kP99][i] > episode.worst_p99_ms) {
      episode.worst_p99_ms = series_[kP99][i];
      episode.worst_p99_at = series_.t[i];
    }
    episode.worst_shortfall = std::max(episode.worst_shortfall, series_[kArrivals][i] - series_[kCapacity][i]);
  }

  std::size_t first_crossing(std::size_t first, std::size_t last) const {
    std::size_t in_a_row = 0;
    std::optional<std::size_t> earliest;
    for (std::size_t i = first; i <= last; ++i) {
      in_a_row = is_short(i) ? in_a_row + 1 : 0;
      if (is_short(i) && !earliest) earliest = i;
      if (in_a_row == kCrossingSamples) return i + 1 - kCrossingSamples;
    }
    return earliest.value_or(first);
  }

  // Whether the replicas asked for could serve what arrives, at what a ready pod serves now.
  bool asked_enough(std::size_t i) const {
    const double ready = series_[kReady][i];
    return ready > 0 && series_[kDesired][i] * series_[kCapacity][i] / ready >= series_[kArrivals][i];
  }

  void add_response(std::size_t first, std::size_t last, Episode& episode) const {
    const std::size_t crossed = first_crossing(first, last);
    episode.crossed = series_.t[crossed];
    std::size_t last_short = crossed;
    std::size_t enough = crossed;
    for (std::size_t i = crossed; i <= last; ++i) {
      if (!is_short(i)) continue;
      last_short = i;
      if (!asked_enough(i)) enough = i + 1;
    }
    const bool under_way = series_[kDesired][crossed] > series_[kReady][crossed];
    for (std::size_t i = crossed; i <= last_short && !episode.followed; ++i) {
      if (under_way || series_[kDesired][i] > series_[kDesired][crossed]) episode.followed = series_.t[i];
    }
    if (at_end(last_short)) {
      if (enough <= last_short) episode.enough = std::max(series_.t[enough], episode.followed.value_or(0));
      return;
    }
    episode.restored = end(last_short);
    episode.enough = std::max(std::min(series_.t[enough], *episode.restored), episode.followed.value_or(0));
  }

  const Series& series_;
  const std::optional<Slo>& slo_;
};

}  // namespace

std::vector<Interval> degraded_intervals(const Series& series, const Slo& slo) {
  const std::optional<Slo> wanted = slo;
  const Finder finder(series, wanted);
  std::vector<Interval> intervals;
  for (std::size_t i = 0; i < series.t.size(); ++i) {
    if (!finder.degraded(i)) continue;
    if (intervals.empty() || intervals.back().to < series.t[i]) intervals.push_back({series.t[i], series.t[i]});
    intervals.back().to = series.t[i] + series.step(i);
  }
  return intervals;
}

std::vector<Episode> find_episodes(const Series& series, const std::optional<Slo>& slo) {
  return Finder(series, slo).find();
}

}  // namespace report
