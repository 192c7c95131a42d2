#include "sim/service/recorder.h"

#include <algorithm>
#include <array>

#include "common/base/check.h"

namespace sim {

Ticks rounded_mean(WideCount sum, std::uint64_t n) { return n == 0 ? 0 : static_cast<Ticks>((sum + n / 2) / n); }

Recorder::Recorder(const SloOptions& slo, std::int64_t first_second, std::int64_t measured_second, Use use)
    : slo_(slo), measured_second_(measured_second), use_(use), front_(first_second), sealed_(first_second) {
  CHECK(slo.percentile > 0.0 && slo.percentile <= 1.0, "a percentile is a share of all requests");
}

void Window::add(const Window& other) {
  arrivals += other.arrivals;
  rejected += other.rejected;
  timed_out += other.timed_out;
  retried += other.retried;
  within_slo += other.within_slo;
  latency_sum += other.latency_sum;
  wait_sum += other.wait_sum;
  latency_max = std::max(latency_max, other.latency_max);
  latency.merge(other.latency);
}

void Recorder::open_next() {
  if (spare_.empty()) spare_.push_back(std::make_unique<Window>());
  auto window = std::move(spare_.back());
  spare_.pop_back();
  const std::int64_t second = front_ + std::ssize(open_);
  window->reset(second, second < measured_second_ ? &unread_wait_ : &wait_);
  open_.push_back(std::move(window));
}

void Recorder::seal_before(std::int64_t second) {
  if (second <= sealed_) return;
  for (; sealed_ < second; ++sealed_) window(sealed_).sealed = true;
  close_complete();
}

void Recorder::close_complete() {
  while (!open_.empty() && open_.front()->sealed && open_.front()->pending == 0) {
    if (use_ == Use::kWhole) close(*open_.front());
    auto& to = open_.front();
    use_ == Use::kWhole ? spare_.push_back(std::move(to)) : closed_.push_back(std::move(to));
    open_.pop_front();
    ++front_;
  }
}

void Recorder::add_up() {
  const auto has_closed = [](const Recorder* share) { return !share->closed_.empty(); };
  while (!shares_.empty() && std::all_of(shares_.begin(), shares_.end(), has_closed)) {
    Window& sum = *shares_.front()->closed_.front();
    for (std::size_t i = 1; i < shares_.size(); ++i) sum.add(*shares_[i]->closed_.front());
    close(sum);
    for (Recorder* share : shares_) {
      share->spare_.push_back(std::move(share->closed_.front()));
      share->closed_.pop_front();
    }
  }
}

void Recorder::close(Window& window) {
  constexpr std::array<double, 3> kQuantiles = {0.5, 0.95, 0.99};
  std::array<Ticks, 3> values{};
  const std::uint64_t failed = window.rejected + window.timed_out;
  window.latency.quantiles(kQuantiles, failed, values);
  const bool degraded = window.arrivals > 0 && window.within_slo < rank_of(slo_.percentile, window.arrivals);
  const std::uint64_t satisfied = window.latency.count_up_to(slo_.apdex_threshold);
  const std::uint64_t tolerable = window.latency.count_up_to(4 * slo_.apdex_threshold);
  seconds_.push_back({.second = window.second,
                      .arrivals = window.arrivals,
                      .failed = failed,
                      .p50 = values[0],
                      .p95 = values[1],
                      .p99 = values[2],
                      .degraded = degraded,
                      .bad = window.arrivals - window.within_slo,
                      .satisfied = satisfied,
                      .tolerating = tolerable - satisfied});
  if (window.second < measured_second_) return;
  latency_.merge(window.latency);
  latency_sum_ += window.latency_sum;
  wait_sum_ += window.wait_sum;
  within_slo_ += window.within_slo;
  counts_.requests += window.arrivals;
  counts_.rejected += window.rejected;
  counts_.timed_out += window.timed_out;
  counts_.retried += window.retried;
  counts_.latency.max = std::max(counts_.latency.max, window.latency_max);
  counts_.degradation_seconds += static_cast<std::uint64_t>(degraded);
}

Totals Recorder::totals() const {
  Totals totals = counts_;
  totals.failed = totals.rejected + totals.timed_out;
  totals.succeeded = totals.requests - totals.failed;
  totals.latency.mean = rounded_mean(latency_sum_, totals.succeeded);
  totals.queue_wait.mean = rounded_mean(wait_sum_, totals.succeeded);

  std::array<Ticks, 5> latency{};
  latency_.quantiles(std::array{0.5, 0.9, 0.95, 0.99, 0.999}, 0, latency);
  totals.latency.p50 = latency[0];
  totals.latency.p90 = latency[1];
  totals.latency.p95 = latency[2];
  totals.latency.p99 = latency[3];
  totals.latency.p999 = latency[4];

  std::array<Ticks, 2> wait{};
  Histogram waits = wait_;
  for (const Recorder* share : shares_) waits.merge(share->wait_);
  waits.quantiles(std::array{0.95, 0.99}, 0, wait);
  totals.queue_wait.p95 = wait[0];
  totals.queue_wait.p99 = wait[1];
  if (totals.requests > 0) {
    totals.slo_violation_ratio =
        static_cast<double>(totals.requests - within_slo_) / static_cast<double>(totals.requests);
  }
  return totals;
}

}  // namespace sim
