// The coarse engine beside the exact one, on a steady afternoon and on a spike that outruns its pods.
#include <algorithm>
#include <cmath>
#include <utility>

#include "common/base/check.h"
#include "common/base/number_format.h"
#include "sim/cohort/cohort_error.h"
#include "sim/validation/cases.h"

namespace sim {
namespace {

constexpr const char* kSource = "the exact engine, same arrivals";
// What a screening of policies may get wrong.
constexpr double kBound = 0.02;

EngineOptions night(RateProfile profile, Ticks duration) {
  EngineOptions o;
  o.sources = {{.name = "all", .profile = std::move(profile)}};
  o.client.timeout = 2 * kSecond;
  o.workers = 8;
  o.queue_limit = 100;
  o.service = {.distribution = ServiceTime::Distribution::kLognormal, .mean = 40 * kMillisecond, .cv = 1};
  o.warmup = 60 * kSecond;
  o.duration = duration;
  return o;
}

std::uint32_t pods_of(double pods) { return static_cast<std::uint32_t>(std::max(1.0, std::round(pods))); }

Row compared(std::string name, double exact, double coarse, Check check, std::string note) {
  Row row;
  row.name = std::move(name);
  row.source = kSource;
  row.expected = exact;
  row.actual = coarse;
  row.check = check;
  row.tolerance = kBound;
  row.note = std::move(note);
  return row;
}

double milliseconds(Ticks t) { return static_cast<double>(t) / 1e6; }

double share(std::uint64_t part, std::uint64_t all) {
  return all > 0 ? static_cast<double>(part) / static_cast<double>(all) : 0.0;
}

CohortError compare(const EngineOptions& options, const std::vector<PodStep>& pods, const CaseContext& context) {
  // What a run costs belongs to a bench, not to a table that is the same on every machine.
  return compare_cohort(options, pods, context.random.key(), [] { return 0.0; });
}

// One seed, whatever the context says: both engines run on the same arrivals.
std::string run_of(const CohortError& e) { return "1 x " + base::format_grouped(e.exact.requests) + " requests, "; }

Case steady(double utilization) {
  const std::string name = "steady, load " + std::string(utilization < 0.75 ? "0.7" : "0.8");
  return {"cohort", name, [=](const CaseContext& context) {
            constexpr double kPods = 40;  // at full length
            const double pods = std::max(2.0, std::round(kPods * context.scale));
            const EngineOptions options = night(RateProfile::constant(pods * 8 / 0.040 * utilization), 660 * kSecond);
            const CohortError e = compare(options, {{.at = 0, .pods = pods_of(pods)}}, context);
            const std::string note = run_of(e) + std::to_string(pods_of(pods)) + " pods of 8 workers, 600 s";
            const auto row = [&](const char* what, Ticks exact, Ticks coarse) {
              Row r = compared(name + ": " + what, milliseconds(exact), milliseconds(coarse), Check::kRelative, note);
              r.tolerance = widened(kBound, pods / kPods);
              return r;
            };
            return std::vector<Row>{row("p50, ms", e.exact.latency.p50, e.coarse.latency.p50),
                                    row("p99, ms", e.exact.latency.p99, e.coarse.latency.p99)};
          }};
}

// Full queues keep a request waiting for half a second.
std::vector<Row> spike(const CaseContext& context, const char* title, Ticks timeout, Check rejections) {
  const double scale = std::max(0.05, context.scale);
  const std::vector<RateProfile::Point> points = {{0, 2000 * scale},
                                                  {300 * kSecond, 2000 * scale},
                                                  {390 * kSecond, 60'000 * scale},
                                                  {900 * kSecond, 60'000 * scale}};
  const auto profile = RateProfile::from_points(points, RateProfile::Interpolation::kLinear);
  CHECK(profile.has_value(), "a spike");
  // Doubled a minute, as a plain HPA would, from a minute after the first pods are full.
  const std::vector<PodStep> pods = {{.at = 0, .pods = pods_of(20 * scale)},
                                     {.at = 370 * kSecond, .pods = pods_of(40 * scale)},
                                     {.at = 430 * kSecond, .pods = pods_of(80 * scale)},
                                     {.at = 490 * kSecond, .pods = pods_of(160 * scale)},
                                     {.at = 550 * kSecond, .pods = pods_of(320 * scale)},
                                     {.at = 610 * kSecond, .pods = pods_of(430 * scale)}};
  EngineOptions options = night(*profile, 900 * kSecond);
  options.client.timeout = timeout;
  const CohortError e = compare(options, pods, context);
  const std::string note = run_of(e) +
                           "2,000 to 60,000 requests/s in 90 s, pods doubled a minute from 20 to 430, times " +
                           std::to_string(static_cast<int>(std::round(100 * scale))) + " %";
  const std::string name = std::string(title) + ": ";
  Row rejected = compared(name + "share rejected", share(e.exact.rejected, e.exact.requests),
                          share(e.coarse.rejected, e.coarse.requests), rejections, note);
  rejected.tolerance = widened(kBound, scale);
  const auto information = [&](const char* what, double exact, double coarse) {
    return compared(name + what, exact, coarse, Check::kInformation, note);
  };
  return {
      rejected,
      information("share failed", share(e.exact.failed, e.exact.requests), share(e.coarse.failed, e.coarse.requests)),
      information("p50, ms", milliseconds(e.exact.latency.p50), milliseconds(e.coarse.latency.p50)),
      information("p99, ms", milliseconds(e.exact.latency.p99), milliseconds(e.coarse.latency.p99)),
      information("degraded seconds", static_cast<double>(e.exact.degradation_seconds),
                  static_cast<double>(e.coarse.degradation_seconds))};
}

}  // namespace

std::vector<Case> cohort_cases() {
  const auto patient = [](const CaseContext& context) {
    return spike(context, "spike, time-out 2 s", 2 * kSecond, Check::kRelative);
  };
  // Clients that leave before a full queue has served them: the coarse engine's weak side, shown.
  const auto impatient = [](const CaseContext& context) {
    return spike(context, "spike, time-out 400 ms", 400 * kMillisecond, Check::kInformation);
  };
  return {steady(0.7), steady(0.8), {"cohort", "spike", patient}, {"cohort", "impatient spike", impatient}};
}

}  // namespace sim
