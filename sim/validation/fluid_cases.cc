// Ramps that outrun the capacity: the backlog when help comes is that of a fluid, if requests are many and small.
#include <cmath>
#include <cstdint>
#include <utility>

#include "common/base/check.h"
#include "common/base/number_format.h"
#include "sim/service/engine.h"
#include "sim/validation/station.h"
#include "sim/validation/theory.h"

namespace sim {
namespace {

// A capacity of 1 is a pod of 20 workers with requests of 1 ms.
constexpr std::uint32_t kWorkers = 20;
constexpr Ticks kService = kMillisecond;
constexpr double kCapacity = kWorkers / 0.001;  // requests/s

struct Wait {
  double seconds = 0;
  std::uint64_t requests = 0;  // of the run
};

// The median wait of the second in whose middle so much time has passed since the ramp began.
Wait wait_at(const theory::Ramp& ramp, double passed) {
  const double second = std::ceil(passed) + 10;  // at the first load before
  const auto at = [&](double s) { return static_cast<Ticks>((second + 0.5 - passed + s) * 1e9); };
  const std::vector<RateProfile::Point> points = {{at(0), ramp.base * kCapacity},
                                                  {at(ramp.rise), ramp.base * ramp.factor * kCapacity}};
  auto profile = RateProfile::from_points(points, RateProfile::Interpolation::kLinear);
  CHECK(profile.has_value(), "a ramp");
  EngineOptions o;
  o.sources = {{.name = "ramp", .profile = *profile}};
  o.arrivals.process = ArrivalOptions::Process::kDeterministic;
  o.workers = kWorkers;
  o.service = {.distribution = ServiceTime::Distribution::kDeterministic, .mean = kService, .cv = 0};
  o.duration = static_cast<Ticks>(second + 1) * kSecond;
  Engine engine(o, base::Random(1));
  engine.add_pod(0, 0);
  engine.finish();
  return {to_seconds(engine.seconds().back().p50 - kService), engine.totals().requests};
}

Case ramp_case(theory::Ramp ramp, int lag) {
  const std::string name = "load " + base::format_number(ramp.base) + " x " + base::format_number(ramp.factor) +
                           " in " + base::format_number(ramp.rise) + " s, " + std::to_string(lag) +
                           " s after it passed the capacity: wait, s";
  return {"fluid", name, [=](const CaseContext&) {
            Row row;
            row.name = name;
            row.source = "fluid queue";
            row.expected = ramp.backlog(ramp.crossing() + lag);
            const Wait ours = wait_at(ramp, ramp.crossing() + lag);
            row.actual = ours.seconds;
            row.tolerance = 0.01;
            row.note = "1 x " + base::format_grouped(ours.requests) +
                       " requests, even arrivals, 20 workers of 1 ms, median of the second around the moment";
            return std::vector<Row>{row};
          }};
}

}  // namespace

std::vector<Case> fluid_cases() {
  const theory::Ramp steep{.base = 0.7, .factor = 5, .rise = 120};
  const theory::Ramp steeper{.base = 0.7, .factor = 10, .rise = 120};
  const theory::Ramp of_1998{.base = 0.7, .factor = 2.5, .rise = 900};
  return {ramp_case(steep, 60),   ramp_case(steep, 180),   ramp_case(steeper, 60),
          ramp_case(of_1998, 60), ramp_case(of_1998, 180), ramp_case(of_1998, 360)};
}

}  // namespace sim
