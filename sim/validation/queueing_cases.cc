// One queue: Erlang C, Pollaczek and Khinchine, processor sharing, deterministic service, finite places.
#include <utility>

#include "common/base/number_format.h"
#include "sim/validation/station.h"
#include "sim/validation/theory.h"

namespace sim {
namespace {

using Law = ServiceTime::Distribution;

std::string label(const char* model, std::uint32_t servers, double utilization) {
  return std::string(model) + ", c " + std::to_string(servers) + ", load " + base::format_number(utilization);
}

Case several_servers(std::uint32_t servers, double utilization, double requests, bool tail) {
  const std::string name = label("M/M/c", servers, utilization);
  return {"queueing", name, [=](const CaseContext& context) {
            const Station station{.workers = servers, .utilization = utilization, .requests = requests};
            const Sample sample = run_station(station, context);
            const RunLength length = run_length(station, context);
            const int c = static_cast<int>(servers);
            const double load = station.load();
            std::vector<Row> rows = {
                mean_row(name + ": mean wait", "Erlang C", theory::mmc_wait(c, load), sample.wait(), length),
                mean_row(name + ": utilization", "Erlang C", utilization, sample.utilization(), length)};
            if (tail) {
              rows.push_back(mean_row(name + ": p95 of latency", "Erlang C", theory::mmc_latency_quantile(c, load, .95),
                                      sample.latency_p95(), length, 0.02));
              rows.push_back(mean_row(name + ": p99 of latency", "Erlang C", theory::mmc_latency_quantile(c, load, .99),
                                      sample.latency_p99(), length, 0.03));
            }
            return rows;
          }};
}

struct NamedLaw {
  const char* name;
  Law law;
  double cv;
};
constexpr NamedLaw kDeterministic{"deterministic", Law::kDeterministic, 0};
constexpr NamedLaw kExponential{"exponential", Law::kExponential, 1};
constexpr NamedLaw kHeavy{"lognormal cv 2", Law::kLognormal, 2};

Case one_server(NamedLaw law, double requests) {
  const std::string name = std::string("M/G/1 FIFO, load 0.8, ") + law.name + ": mean latency";
  return {"queueing", name, [=](const CaseContext& context) {
            const Station station{.law = law.law, .cv = law.cv, .requests = requests};
            return std::vector<Row>{mean_row(name, "Pollaczek-Khinchine", 1 + theory::mg1_wait(0.8, law.cv),
                                             run_station(station, context).latency(), run_length(station, context))};
          }};
}

Case sharing(std::uint32_t cores, NamedLaw law, double requests) {
  const std::string name = label("processor sharing", cores, 0.8) + ", " + law.name + ": mean latency";
  return {"queueing", name, [=](const CaseContext& context) {
            const Station station{.workers = cores,
                                  .law = law.law,
                                  .cv = law.cv,
                                  .discipline = Discipline::kProcessorSharing,
                                  .requests = requests};
            const double latency = cores == 1 ? theory::sharing_latency(0.8)
                                              : 1 + theory::mmc_wait(static_cast<int>(cores), station.load());
            return std::vector<Row>{mean_row(name, "insensitivity", latency, run_station(station, context).latency(),
                                             run_length(station, context))};
          }};
}

Case deterministic(std::uint32_t servers, double requests) {
  const std::string name = label("M/D/c", servers, 0.8) + ": mean wait";
  return {
      "queueing", name, [=](const CaseContext& context) {
        const Station station{.workers = servers, .law = Law::kDeterministic, .cv = 0, .requests = requests};
        return std::vector<Row>{mean_row(name, "Crommelin", theory::mdc_wait(static_cast<int>(servers), station.load()),
                                         run_station(station, context).wait(), run_length(station, context))};
      }};
}

Case finite(std::uint32_t servers, std::uint32_t places, double load, double requests) {
  const std::string name =
      "M/M/" + std::to_string(servers) + "/" + std::to_string(places) + ", " + base::format_number(load) + " erlangs";
  return {
      "queueing", name, [=](const CaseContext& context) {
        const Station station{
            .workers = servers, .utilization = load / servers, .queue_limit = places - servers, .requests = requests};
        const theory::Finite truth = theory::mmck(static_cast<int>(servers), static_cast<int>(places), load);
        const Sample sample = run_station(station, context);
        const RunLength length = run_length(station, context);
        return std::vector<Row>{
            mean_row(name + ": blocked", "birth and death", truth.blocked, sample.rejected(), length),
            mean_row(name + ": mean wait", "birth and death", truth.wait, sample.wait(), length)};
      }};
}

}  // namespace

std::vector<Case> queueing_cases() {
  return {several_servers(1, 0.8, 4e6, true),
          several_servers(2, 0.8, 4e6, true),
          several_servers(5, 0.8, 4e6, true),
          several_servers(10, 0.8, 8e6, true),
          several_servers(10, 0.9, 10e6, true),
          several_servers(100, 0.95, 80e6, true),
          one_server(kDeterministic, 4e6),
          one_server(kExponential, 4e6),
          one_server(kHeavy, 15e6),
          sharing(1, kDeterministic, 4e6),
          sharing(1, kExponential, 4e6),
          sharing(1, kHeavy, 6e6),
          sharing(5, kDeterministic, 2e6),
          sharing(5, kHeavy, 6e6),
          deterministic(1, 4e6),
          deterministic(2, 4e6),
          deterministic(5, 4e6),
          deterministic(10, 4e6),
          finite(1, 10, 0.9, 4e6),
          finite(1, 10, 1.2, 4e6),
          finite(4, 20, 3.6, 12e6),
          finite(10, 50, 12, 4e6)};
}

}  // namespace sim
