#include "sim/scenario/traffic_reader.h"

#include <set>

#include "common/base/number_format.h"
#include "sim/scenario/audience_reader.h"
#include "sim/scenario/client_reader.h"
#include "sim/scenario/entry_reader.h"
#include "sim/scenario/rate_reader.h"

namespace sim {
namespace {

using config::Fields;

// Of all sources together: a night of a month at this rate still counts its requests without overflow.
constexpr double kMostRequestsPerSecond = 1e8;

// Requests a second that it may send at most, retries, heartbeats and reloads left out.
double read_source(Fields& source, const std::string& name, EntryTable& entries, const Night& night,
                   SystemOptions& system) {
  const std::string kind = only_one_of(source, {"constant", "profile", "trace", "viewers", "users"}, "a source");
  const std::uint32_t entry = entries.find(source, "entry", entries.first());
  if (kind == "viewers") {
    system.viewers.push_back(read_viewers(source.object(kind), name, entry, entries, night));
    return peak(system.viewers.back().starts, night) * system.viewers.back().start_calls;
  }
  if (kind == "users") {
    system.users.push_back(read_users(source.object(kind), name, entry, night));
    return peak(system.users.back().count, night) / to_seconds(system.users.back().think_mean);
  }
  system.sources.push_back({TrafficSource{name, read_rate(source, kind, requests_per_second(), night)}, entry});
  return peak(system.sources.back().traffic.profile, night);
}

ArrivalOptions read_arrivals(Fields& traffic) {
  ArrivalOptions options;
  auto arrivals = traffic.object_if("arrivals");
  if (!arrivals) return options;
  const std::string process = arrivals->choice("process", {"poisson", "deterministic", "gamma"});
  using Process = ArrivalOptions::Process;
  options.process = process == "poisson" ? Process::kPoisson
                    : process == "gamma" ? Process::kGamma
                                         : Process::kDeterministic;
  if (options.process == Process::kGamma) options.dispersion = arrivals->number("dispersion", 1, 1000);
  return options;
}

}  // namespace

void read_traffic(Fields traffic, const Night& night, Scenario& scenario) {
  SystemOptions& system = scenario.system;
  EntryTable entries(traffic, night, scenario);
  std::set<std::string> names;
  double rate = 0;
  for (Fields& source : traffic.objects("sources")) {
    const std::string name = source.text("name");
    if (!names.insert(name).second) source.fail("name", "\"" + name + "\" is taken by another source");
    rate += read_source(source, name, entries, night, system);
    if (rate > kMostRequestsPerSecond) {
      source.fail("the sources up to this one may send " + base::format_fixed(rate, 0) +
                  " requests/s, more than 100 million");
    }
  }
  if (names.empty()) traffic.fail("sources", "must hold at least one source");
  system.arrivals = read_arrivals(traffic);
  system.client = read_client(traffic);
  if (auto cache = traffic.object_if("edgeCache")) {
    system.edge = EdgeCache{read_share(*cache, "hitRatio"), read_ticks_or(*cache, "latency", 5 * kMillisecond)};
  }
}

}  // namespace sim
