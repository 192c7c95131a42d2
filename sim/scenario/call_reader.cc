#include "sim/scenario/call_reader.h"

#include <algorithm>

#include "sim/scenario/client_reader.h"
#include "sim/scenario/common_fields.h"

namespace sim {
namespace {

using config::Fields;

constexpr std::size_t kMostCallsOfAWorkload = 50;
// Calls that one request may cause, all services together; more is a mistake in `count`.
constexpr double kMostCallsOfARequest = 10'000;

Call read_call(Fields& fields, const Scenario& scenario) {
  Call call;
  call.to = static_cast<ServiceIndex>(read_index(fields, "to", workload_names(scenario), "workloads"));
  call.probability = read_share_or(fields, "probability", 1);
  call.count = read_count_or(fields, "count", 1, 1, 1000);
  if (auto cache = fields.object_if("cache")) {
    call.hit_ratio = read_share(*cache, "hitRatio");
    call.cache_fill = read_ticks_or(*cache, "fill", 0);
  }
  call.attempts = read_attempts(fields);
  call.optional_answer = fields.boolean_or("optional", false);
  return call;
}

// Walks the graph depth first; a service that is met while it is still on the path closes a cycle.
class CallGraph {
 public:
  CallGraph(const std::vector<Fields>& workloads, const Scenario& scenario)
      : workloads_(workloads), services_(scenario.system.services), caused_(services_.size(), kUnknown) {}

  // Calls that a request of this service causes, itself included.
  double calls_of(ServiceIndex service) {
    if (caused_[service] != kUnknown) return caused_[service];
    path_.push_back(service);
    double calls = 1;
    for (std::size_t i = 0; i < services_[service].calls.size(); ++i) {
      const Call& call = services_[service].calls[i];
      const auto seen = std::find(path_.begin(), path_.end(), call.to);
      if (seen != path_.end()) fail(service, i, "closes a circle of calls: " + circle(seen, call.to));
      calls += call.count * calls_of(call.to);
      if (calls > kMostCallsOfARequest) fail(service, i, "makes a request cause more than 10000 calls");
    }
    path_.pop_back();
    return caused_[service] = calls;
  }

 private:
  static constexpr double kUnknown = 0;

  std::string circle(std::vector<ServiceIndex>::const_iterator from, ServiceIndex to) const {
    std::string text;
    for (; from != path_.end(); ++from) text += services_[*from].name + " -> ";
    return text + services_[to].name;
  }

  [[noreturn]] void fail(ServiceIndex service, std::size_t call, const std::string& message) const {
    Fields at = workloads_[service];
    at.objects("calls")[call].fail("to", message);
  }

  const std::vector<Fields>& workloads_;
  const std::vector<ServiceOptions>& services_;
  std::vector<double> caused_;
  std::vector<ServiceIndex> path_;
};

}  // namespace

void read_calls(Fields& workload, std::size_t caller, Scenario& scenario) {
  for (Fields& fields : workload.objects_or_none("calls")) {
    if (scenario.system.services[caller].calls.size() == kMostCallsOfAWorkload) {
      fields.fail("a workload makes at most 50 different calls");
    }
    scenario.system.services[caller].calls.push_back(read_call(fields, scenario));
  }
}

void check_calls(const std::vector<Fields>& workloads, const Scenario& scenario) {
  CallGraph graph(workloads, scenario);
  for (ServiceIndex i = 0; i < scenario.system.services.size(); ++i) graph.calls_of(i);
}

}  // namespace sim
