// Clients that react, on the event-driven engine: impatient ones (Erlang-A) and users in a closed loop; and two of the
// open queues again, so that both engines stand beside theory.
#include <algorithm>
#include <cmath>
#include <utility>

#include "common/base/number_format.h"
#include "sim/mesh/mesh_engine.h"
#include "sim/validation/station.h"
#include "sim/validation/theory.h"

namespace sim {
namespace {

constexpr Ticks kMean = 10 * kMillisecond;  // service time where theory has 1

SystemOptions one_pod(std::uint32_t workers, Ticks warmup, Ticks duration) {
  SystemOptions o;
  o.entries = {{.name = "front", .routes = {{}}, .shifts = {}}};
  o.services.resize(1);
  o.services[0].name = "api";
  o.services[0].workers = workers;
  o.services[0].service.mean = kMean;
  o.warmup = warmup;
  o.duration = warmup + duration;
  return o;
}

Sample run_seeds(const SystemOptions& options, const CaseContext& context) {
  std::vector<Totals> runs;
  for (int seed = 0; seed < context.seeds; ++seed) {
    MeshEngine engine(options, context.random.fork(static_cast<std::uint64_t>(seed)));
    engine.add_pod(0, 0);
    engine.finish();
    runs.push_back(engine.totals());
  }
  return {std::move(runs), kMean};
}

// Whole seconds, so that totals and time averages speak of the same time.
Ticks seconds_for(double requests, double per_second, const CaseContext& context) {
  return static_cast<Ticks>(std::ceil(std::max(20'000.0, requests * context.scale) / per_second)) * kSecond;
}

// Of a system that so many requests a second reach; `requests`: of a seed at full length.
RunLength length_of(const SystemOptions& o, double per_second, double requests, const CaseContext& context) {
  RunLength length = run_length(to_seconds(o.duration - o.warmup) * per_second, requests, context);
  length.text += " in " + base::format_grouped(static_cast<std::uint64_t>((o.duration - o.warmup) / kSecond)) + " s";
  return length;
}

SystemOptions open(std::uint32_t workers, double load, double requests, const CaseContext& context) {
  const double per_second = load / to_seconds(kMean);
  SystemOptions o = one_pod(workers, 50 * kSecond, seconds_for(requests, per_second, context));
  o.sources = {{.traffic = {.name = "all", .profile = RateProfile::constant(per_second)}, .entry = 0}};
  return o;
}

Case impatient(int servers, double load, double patience, double requests, bool is_a_call_centre) {
  const std::string name = "M/M/" + std::to_string(servers) + "+M, " + base::format_number(load) +
                           " erlangs, patience " + base::format_number(patience);
  return {"clients", name, [=](const CaseContext& context) {
            SystemOptions o = open(static_cast<std::uint32_t>(servers), load, requests, context);
            o.client.patience = Patience{.distribution = ServiceTime::Distribution::kExponential,
                                         .mean = static_cast<Ticks>(patience * static_cast<double>(kMean)),
                                         .cv = 1};
            const Sample sample = run_seeds(o, context);
            const theory::ErlangA truth = theory::erlang_a(servers, load, 1 / patience);
            const RunLength length = length_of(o, load / to_seconds(kMean), requests, context);
            std::vector<Row> rows = {
                mean_row(name + ": share that leaves", "Erlang-A", truth.abandoned, sample.timed_out(), length),
                mean_row(name + ": utilization", "Erlang-A", truth.utilization, sample.utilization(), length)};
            if (!is_a_call_centre) return rows;
            // Of all, those who leave too: by Little's law from the integral of those who wait.
            const Estimate wait = sample.estimate(
                [=](const Totals& t) { return 60 * (t.mean_in_system - t.utilization * servers) / load; });
            rows.push_back(
                mean_row(name + ": mean wait, s if service is 1 min", "Erlang-A", 60 * truth.wait, wait, length));
            return rows;
          }};
}

Case closed(std::uint32_t users, double service, double requests) {
  const std::string name = "M/M/1//" + std::to_string(users) + ", think 1, service " + base::format_number(service);
  return {"clients", name, [=](const CaseContext& context) {
            const theory::Closed truth = theory::closed_system(static_cast<int>(users), 1, 1, service);
            // A think time of 1 is 100 ms.
            const Ticks unit = kSecond / 10;
            SystemOptions o = one_pod(1, 20 * kSecond, seconds_for(requests, 10 * truth.throughput, context));
            o.services[0].service.mean = static_cast<Ticks>(service * static_cast<double>(unit));
            UserOptions group;
            group.name = "all";
            group.count = RateProfile::constant(users);
            group.think_mean = unit;
            o.users = {group};
            const Sample sample = run_seeds(o, context);
            const double units = static_cast<double>((o.duration - o.warmup) / unit);
            const RunLength length = length_of(o, 10 * truth.throughput, requests, context);
            const Estimate response = sample.estimate(
                [unit](const Totals& t) { return static_cast<double>(t.latency.mean) / static_cast<double>(unit); });
            const Estimate throughput =
                sample.estimate([units](const Totals& t) { return static_cast<double>(t.requests) / units; });
            return std::vector<Row>{
                mean_row(name + ": mean response", "birth and death", truth.response, response, length),
                mean_row(name + ": throughput", "birth and death", truth.throughput, throughput, length)};
          }};
}

Case event_driven(const char* what, Discipline discipline, ServiceTime law, double requests) {
  const std::string name = std::string(what) + ", c 5, load 0.8, event-driven engine: mean latency";
  return {
      "clients", name, [=](const CaseContext& context) {
        SystemOptions o = open(5, 4, requests, context);
        o.services[0].discipline = discipline;
        o.services[0].service = law;
        return std::vector<Row>{mean_row(name, "Erlang C", 1 + theory::mmc_wait(5, 4), run_seeds(o, context).latency(),
                                         length_of(o, 4 / to_seconds(kMean), requests, context))};
      }};
}

}  // namespace

std::vector<Case> client_cases() {
  using Law = ServiceTime::Distribution;
  return {impatient(50, 48, 2, 4e6, true),
          impatient(100, 120, 1, 2e6, false),
          closed(10, 0.06, 1e6),
          closed(50, 0.06, 1e6),
          event_driven("M/M/c", Discipline::kFcfs, {.distribution = Law::kExponential, .mean = kMean, .cv = 1}, 3e6),
          event_driven("processor sharing, lognormal cv 2", Discipline::kProcessorSharing,
                       {.distribution = Law::kLognormal, .mean = kMean, .cv = 2}, 3e6)};
}

}  // namespace sim
