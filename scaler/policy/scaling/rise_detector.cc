#include "scaler/policy/scaling/rise_detector.h"

#include <algorithm>

namespace scaler {
namespace {

constexpr int kSlices = 240;

}  // namespace

RiseDetector::RiseDetector(base::Duration window, base::Duration stable_window)
    : window_(window), stable_window_(stable_window), slice_((window + stable_window) / kSlices) {}

void RiseDetector::observe(base::Time at, double demand) {
  if (!slices_.empty() && at <= slices_.back().last) return;
  if (!slices_.empty() && at - slices_.back().first < slice_) {
    Slice& slice = slices_.back();
    slice.last = at;
    slice.newest = demand;
    slice.sum += demand;
    ++slice.count;
  } else {
    slices_.push_back({.first = at, .last = at, .newest = demand, .sum = demand, .count = 1});
  }
  while (slices_.front().last < at - window_ - stable_window_) slices_.pop_front();
}

std::optional<RiseDetector::Rise> RiseDetector::rise() const {
  if (slices_.empty()) return std::nullopt;
  const Slice& now = slices_.back();
  const Slice* reference = nullptr;
  double sum = 0;
  int count = 0;
  for (const Slice& slice : slices_) {
    if (slice.last > now.last - window_) break;
    reference = &slice;
    sum += slice.sum;
    count += slice.count;
  }
  if (reference == nullptr) return std::nullopt;
  return Rise{.now = now.newest,
              .mean = sum / count,
              .slope_per_second = (now.newest - reference->newest) / base::seconds(now.last - reference->last)};
}

}  // namespace scaler
