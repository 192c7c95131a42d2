// Many queues behind one balancer.
#include <algorithm>
#include <utility>

#include "common/base/number_format.h"
#include "sim/validation/station.h"
#include "sim/validation/theory.h"

namespace sim {
namespace {

using Algorithm = BalancerOptions::Algorithm;

Case balanced(std::string name, std::string source, double truth, Station station) {
  name += ", load " + base::format_number(station.utilization) + ": mean latency";
  return {"balancing", name, [=](const CaseContext& context) {
            return std::vector<Row>{
                mean_row(name, source, truth, run_station(station, context).latency(), run_length(station, context))};
          }};
}

Case two_choices(double utilization, std::uint32_t pods, double requests, double warmup) {
  return balanced("best of 2, " + std::to_string(pods) + " servers", "limit of ever more servers",
                  theory::power_of_choices_limit(2, utilization),
                  {.pods = pods,
                   .utilization = utilization,
                   .algorithm = Algorithm::kPowerOfTwoChoices,
                   .requests = requests,
                   .warmup = warmup});
}

// Bounds without a closed form of its own; the upper one is measured beside it.
Case shortest_queue(double utilization) {
  const std::string name = "least outstanding, 10 servers, load " + base::format_number(utilization) + ": mean latency";
  return {"balancing", name, [=](const CaseContext& context) {
            Station station{.pods = 10, .utilization = utilization, .requests = 1e6};
            station.algorithm = Algorithm::kLeastOutstanding;
            const Estimate shortest = run_station(station, context).latency();
            station.algorithm = Algorithm::kPowerOfTwoChoices;
            const Estimate two = run_station(station, context).latency();
            Row row;
            row.name = name;
            row.source = "one central queue; best of 2, measured";
            row.check = Check::kBetween;
            row.expected = 1 + theory::mmc_wait(10, station.load());
            row.upper = two.mean;
            row.actual = shortest.mean;
            row.standard_error = shortest.error;
            row.note = run_length(station, context).text;
            return std::vector<Row>{row};
          }};
}

}  // namespace

std::vector<Case> balancing_cases() {
  const auto ten = [](Algorithm algorithm, double utilization, double requests) {
    return Station{.pods = 10, .utilization = utilization, .algorithm = algorithm, .requests = requests};
  };
  return {balanced("random, 10 servers", "M/M/1", 5.0, ten(Algorithm::kRandom, 0.8, 4e6)),
          balanced("random, 10 servers", "M/M/1", 10.0, ten(Algorithm::kRandom, 0.9, 15e6)),
          balanced("round robin, 10 servers", "E10/M/1", theory::round_robin_latency(10, 0.8),
                   ten(Algorithm::kRoundRobin, 0.8, 4e6)),
          balanced("round robin, 10 servers", "E10/M/1", theory::round_robin_latency(10, 0.9),
                   ten(Algorithm::kRoundRobin, 0.9, 8e6)),
          balanced("round robin, 1,000 servers", "D/M/1, the limit", theory::round_robin_limit(0.8),
                   {.pods = 1000, .requests = 4e6, .warmup = 300}),
          balanced("round robin, 1,000 servers", "D/M/1, the limit", theory::round_robin_limit(0.9),
                   {.pods = 1000, .utilization = 0.9, .requests = 8e6, .warmup = 1000}),
          balanced("central queue, 10 servers", "M/M/10", 1 + theory::mmc_wait(10, 8),
                   ten(Algorithm::kCentralQueue, 0.8, 2e6)),
          balanced("central queue, 10 servers", "M/M/10", 1 + theory::mmc_wait(10, 9),
                   ten(Algorithm::kCentralQueue, 0.9, 4e6)),
          two_choices(0.5, 2000, 2e6, 100),
          two_choices(0.7, 2000, 2e6, 100),
          two_choices(0.8, 2000, 2e6, 100),
          two_choices(0.9, 4000, 4e6, 300),
          two_choices(0.99, 10'000, 20e6, 600),
          shortest_queue(0.8),
          shortest_queue(0.9)};
}

}  // namespace sim
