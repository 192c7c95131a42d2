#include "sim/cohort/cohort_recorder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace sim {
namespace {

// Shares of the requests by which two seconds may differ and be the same.
constexpr double kSame = 1e-6;

Ticks ticks(double seconds) { return static_cast<Ticks>(std::llround(seconds * 1e9)); }

}  // namespace

CohortRecorder::CohortRecorder(const EngineOptions& options, const ServiceLaw& law, std::int64_t first_second,
                               std::int64_t measured_second)
    : slo_(options.slo),
      limit_(options.client.timeout ? to_seconds(*options.client.timeout) : std::numeric_limits<double>::infinity()),
      retries_(options.client.max_retries > 0),
      sharing_(options.discipline == Discipline::kProcessorSharing &&
               options.balancer.algorithm != BalancerOptions::Algorithm::kCentralQueue),
      measured_second_(measured_second),
      front_(first_second),
      sealed_(first_second),
      direct_(law, sharing_),
      delayed_(law, false),
      latency_(direct_.histogram()),
      wait_(direct_.spectrum()) {
  shape_.histogram = direct_.histogram();
}

CohortWindow& CohortRecorder::window(std::int64_t second) {
  const auto index = static_cast<std::size_t>(second - front_);
  while (index >= open_.size()) {
    CohortWindow fresh;
    fresh.second = front_ + std::ssize(open_);
    fresh.direct = direct_.spectrum();
    if (retries_) fresh.delayed = delayed_.spectrum();
    open_.push_back(std::move(fresh));
  }
  return open_[index];
}

void CohortRecorder::seal_before(std::int64_t second) {
  if (second <= sealed_) return;
  for (; sealed_ < second; ++sealed_) window(sealed_).sealed = true;
  close_complete();
}

void CohortRecorder::resolve(CohortWindow& window) {
  if (--window.pending == 0 && window.sealed) close_complete();
}

void CohortRecorder::close_complete() {
  while (!open_.empty() && open_.front().sealed && open_.front().pending == 0) {
    close(open_.front());
    open_.pop_front();
    ++front_;
  }
}

std::uint64_t CohortRecorder::Rounded::take(double more, std::uint64_t most) {
  expected += more;
  const double whole = std::floor(expected + 0.5 + 1e-6);
  const auto due = whole > 0 ? static_cast<std::uint64_t>(whole) : 0;
  const std::uint64_t now = std::min(most, due > given ? due - given : 0);
  given += now;
  return now;
}

bool CohortRecorder::fares_as_before(const CohortWindow& window, double failed) const {
  if (window.arrivals <= 0 || shape_.arrivals <= 0) return false;
  const double factor = window.arrivals / shape_.arrivals;
  const double slack = kSame * window.arrivals;
  if (std::abs(failed - factor * shape_.failed) > slack) return false;
  const auto same = [&](const LatencyMixture::Spectrum& a, const LatencyMixture::Spectrum& b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (std::abs(a[i] - factor * b[i]) > slack) return false;
    }
    return true;
  };
  return same(window.direct, shape_.direct) && same(window.delayed, shape_.delayed);
}

void CohortRecorder::take_shape(const CohortWindow& window, double failed) {
  add_shape(latency_, wait_);
  shape_.arrivals = window.arrivals;
  shape_.failed = failed;
  shape_.direct = window.direct;
  shape_.delayed = window.delayed;
  shape_.measured = 0;
  shape_.histogram.clear();
  direct_.expand(window.direct, shape_.histogram);
  if (retries_) {
    delayed_.expand(window.delayed, shape_.histogram);
  } else if (std::isfinite(limit_)) {
    direct_.cut(shape_.histogram, limit_, window.arrivals - failed);
  }
  const double each = window.arrivals > 0 ? 1.0 / window.arrivals : 0.0;
  const Ticks tolerated = slo_.apdex_threshold;
  shape_.good = each * direct_.weight_up_to(shape_.histogram, to_seconds(slo_.latency));
  shape_.satisfied = each * direct_.weight_up_to(shape_.histogram, to_seconds(tolerated));
  shape_.tolerable = each * direct_.weight_up_to(shape_.histogram, 4 * to_seconds(tolerated));
  direct_.quantiles(shape_.histogram, window.arrivals, std::array{0.5, 0.95, 0.99}, shape_.percentiles);
}

void CohortRecorder::add_shape(LatencyMixture::Histogram& latency, LatencyMixture::Spectrum& wait) const {
  if (shape_.measured <= 0) return;
  latency.add(shape_.histogram, shape_.measured);
  // A shared processor starts on everything at once: its first attempts never wait.
  for (std::size_t i = 0; i < shape_.direct.size(); ++i) wait[sharing_ ? 0 : i] += shape_.measured * shape_.direct[i];
  for (std::size_t i = 0; i < shape_.delayed.size(); ++i) wait[i] += shape_.measured * shape_.delayed[i];
}

void CohortRecorder::close(CohortWindow& window) {
  const double failed = std::min(window.arrivals, window.rejected + window.timed_out);
  if (!fares_as_before(window, failed)) take_shape(window, failed);

  constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();
  const double n = window.arrivals;
  SecondResult result;
  result.second = window.second;
  result.arrivals = arrivals_.take(n, kAny);
  const std::uint64_t rejected = rejected_.take(window.rejected, result.arrivals);
  const std::uint64_t timed_out = timed_out_.take(window.timed_out, result.arrivals - rejected);
  result.failed = rejected + timed_out;
  if (n > 0) {
    result.p50 = ticks(shape_.percentiles[0]);
    result.p95 = ticks(shape_.percentiles[1]);
    result.p99 = ticks(shape_.percentiles[2]);
  }
  const std::uint64_t answered = result.arrivals - result.failed;
  result.degraded = result.arrivals > 0 && shape_.good < slo_.percentile * (1.0 - 1e-9);
  result.bad = std::max(result.failed, bad_.take(n * (1.0 - shape_.good), result.arrivals));
  result.satisfied = satisfied_.take(n * shape_.satisfied, answered);
  result.tolerating = tolerating_.take(n * (shape_.tolerable - shape_.satisfied), answered - result.satisfied);
  seconds_.push_back(result);
  if (window.second < measured_second_) return;

  counts_.requests += result.arrivals;
  counts_.rejected += rejected;
  counts_.timed_out += timed_out;
  counts_.retried += retried_.take(window.retried, kAny);
  counts_.degradation_seconds += static_cast<std::uint64_t>(result.degraded);
  requests_ += n;
  bad_requests_ += n * (1.0 - shape_.good);
  if (shape_.arrivals > 0) shape_.measured += n / shape_.arrivals;
}

Totals CohortRecorder::totals() const {
  Totals totals = counts_;
  totals.failed = totals.rejected + totals.timed_out;
  totals.succeeded = totals.requests - totals.failed;
  LatencyMixture::Histogram latency = latency_;
  LatencyMixture::Spectrum wait = wait_;
  add_shape(latency, wait);
  const double answered = direct_.weight_up_to(latency, LatencyMixture::kTop);
  if (answered > 0) {
    // The longest of n is where n times the tail is about one.
    const double tail = std::min(0.5, 0.56 / std::max(1.0, answered));
    std::array<double, 6> values{};
    direct_.quantiles(latency, answered * (1.0 - 1e-12), std::array{0.5, 0.9, 0.95, 0.99, 0.999, 1.0 - tail}, values);
    auto& l = totals.latency;
    l = {.mean = ticks(direct_.mean_response(latency)),
         .p50 = ticks(values[0]),
         .p90 = ticks(values[1]),
         .p95 = ticks(values[2]),
         .p99 = ticks(values[3]),
         .p999 = ticks(values[4]),
         .max = std::max(ticks(values[4]), ticks(values[5]))};
    totals.queue_wait = {.mean = ticks(direct_.mean(wait)),
                         .p95 = ticks(direct_.delay_quantile(wait, 0.95)),
                         .p99 = ticks(direct_.delay_quantile(wait, 0.99))};
  }
  if (requests_ > 0) totals.slo_violation_ratio = std::clamp(bad_requests_ / requests_, 0.0, 1.0);
  return totals;
}

}  // namespace sim
