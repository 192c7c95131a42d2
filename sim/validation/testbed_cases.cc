// The real testbed: its constant container on the event-driven engine, with a CPU limit that throttles, and its
// controllers on a simulation whose cores can change.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "common/base/check.h"
#include "common/base/number_format.h"
#include "sim/mesh/mesh_engine.h"
#include "sim/validation/station.h"
#include "sim/validation/testbed_simulation.h"

namespace sim {
namespace {

constexpr const char* kSource = "Quattrocchi et al. 2024, deib-polimi/RAS-real, mean of 5 runs";
constexpr double kStaticBound = 0.10;

struct Published {
  double mean;
  int violations;
  double cores;
};
struct NamedUsers {
  const char* name;
  testbed::Users (*make)();
};
constexpr std::array<NamedUsers, 2> kUsers = {{{"SN3", testbed::sine}, {"RP3", testbed::ramp}}};

Ticks ticks(double seconds) { return static_cast<Ticks>(seconds * 1e9); }

RateProfile profile_of(const testbed::Users& users) {
  std::vector<RateProfile::Point> points;
  for (int t = 0; t < testbed::kSeconds; ++t) points.push_back({t * kSecond, static_cast<double>(users(t))});
  auto profile = RateProfile::from_points(points, RateProfile::Interpolation::kStep);
  CHECK(profile.has_value(), "users of each second");
  return *profile;
}

// One core of quota on a machine with four.
SystemOptions constant_container(const testbed::Users& users) {
  SystemOptions o;
  o.entries = {{.name = "front", .routes = {{}}, .shifts = {}}};
  o.services.resize(1);
  ServiceOptions& service = o.services[0];
  service.name = "dynamic-html";
  service.discipline = Discipline::kProcessorSharing;
  service.workers = 4;
  service.service = {
      .distribution = ServiceTime::Distribution::kDeterministic, .mean = ticks(testbed::kDemand), .cv = 0};
  service.throttles = true;
  service.cpu = {.limit = 1.0, .per_request = ticks(testbed::kDemand)};
  service.overhead = ticks(testbed::kFixed);
  UserOptions group;
  group.name = "locust";
  group.count = profile_of(users);
  group.spawn_rate = 1;
  group.think = UserOptions::Think::kConstant;
  group.think_mean = ticks(testbed::kThink);
  group.starts_thinking = false;
  o.users = {group};
  o.duration = testbed::kSeconds * kSecond;
  return o;
}

Case constant(const NamedUsers& users, double published) {
  const std::string name = std::string(users.name) + ", Static(1): mean response time, s";
  return {"testbed", name, [=](const CaseContext& context) {
            const SystemOptions options = constant_container(users.make());
            std::vector<double> means;
            std::uint64_t requests = 0;
            for (int seed = 0; seed < context.seeds; ++seed) {
              MeshEngine engine(options, context.random.fork(static_cast<std::uint64_t>(seed)));
              engine.add_pod(0, 0);
              engine.finish();
              const Totals totals = engine.totals();
              means.push_back(to_seconds(totals.latency.mean));
              requests += totals.requests;
            }
            const Estimate ours = Sample::estimate_of(means);
            Row row;
            row.name = name;
            row.source = kSource;
            row.expected = published;
            row.actual = ours.mean;
            row.tolerance = kStaticBound;
            row.standard_error = ours.error;
            row.note =
                std::to_string(context.seeds) + " x 600 s, " + base::format_grouped(requests) +
                " requests in all, event-driven engine, CPU limit 1 core, 44.5 ms of core + 22.5 ms, mean of all "
                "answers";
            return std::vector<Row>{row};
          }};
}

struct Line {
  const char* name;
  testbed::Controller (*make)();
  std::array<Published, 2> rows;  // SN3, RP3
};
const std::array<Line, 7> kTable = {{
    {"Static(1)", [] { return testbed::hold(); }, {{{.38, 262, 1.00}, {.74, 351, 1.00}}}},
    {"Rule-based", [] { return testbed::rule(1); }, {{{.20, 86, 1.62}, {.28, 64, 2.76}}}},
    {"Rule +3", [] { return testbed::rule(3); }, {{{.22, 131, 2.40}, {.49, 211, 3.55}}}},
    {"Step", [] { return testbed::stepped(); }, {{{.13, 24, 1.95}, {.16, 32, 2.34}}}},
    {"Target", [] { return testbed::target(30); }, {{{.17, 62, 1.81}, {.19, 98, 2.47}}}},
    {"TargetFast", [] { return testbed::target(3); }, {{{.15, 5, 2.49}, {.20, 120, 6.62}}}},
    {"ScaleX", [] { return testbed::scale_x(); }, {{{.18, 3, 1.97}, {.18, 0, 2.59}}}},
}};

Row information(std::string name, double published, double ours) {
  Row row;
  row.name = std::move(name);
  row.source = kSource;
  row.expected = published;
  row.actual = ours;
  row.check = Check::kInformation;
  row.note = "processor sharing with changing cores; the phase of the loop and the gains on the testbed are not stated";
  return row;
}

std::vector<Row> controller_rows(const Line& line) {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < kUsers.size(); ++i) {
    const testbed::Outcome ours = testbed::simulate(kUsers[i].make(), line.make());
    const Published& published = line.rows[i];
    const std::string name = std::string(kUsers[i].name) + ", " + line.name;
    rows.push_back(information(name + ": mean response time, s", published.mean, ours.mean));
    rows.push_back(information(name + ": seconds above the SLA", published.violations, ours.violations));
    rows.push_back(information(name + ": mean cores", published.cores, ours.mean_cores));
  }
  return rows;
}

std::vector<Row> rows_left_out() {
  Row row;
  row.name = "TW2 and WK, all controllers";
  row.source = kSource;
  row.check = Check::kLeftOut;
  row.note = "the traces behind them are not shipped";
  Row qn = row;
  qn.name = "QN (OPTCTRL), all workloads";
  qn.note = "needs that controller's own optimiser";
  return {row, qn};
}

}  // namespace

std::vector<Case> testbed_cases() {
  std::vector<Case> cases = {constant(kUsers[0], .38), constant(kUsers[1], .74)};
  for (const Line& line : kTable) {
    cases.push_back({"testbed", line.name, [&line](const CaseContext&) { return controller_rows(line); }});
  }
  cases.push_back({"testbed", "left out", [](const CaseContext&) { return rows_left_out(); }});
  return cases;
}

}  // namespace sim
