// Wall time of what a cluster does in virtual time: a rollout of 500 pods and a scale-up to 10,000, with all
// controllers.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <string_view>

#include "common/base/metrics.h"
#include "common/base/virtual_time.h"
#include "fake-apiserver/controllers/cluster.h"
#include "fake-apiserver/fake_apiserver.h"

namespace {

using namespace std::chrono_literals;
using fakeapi::Json;

const fakeapi::Resource kDeployments{"apps", "deployments"};
const fakeapi::ObjectName kWeb{"default", "web"};

class World {
 public:
  explicit World(int nodes) : api_(time_, base::Random(1), {}, metrics_) {
    fakeapi::ClusterOptions options;
    options.node_pools.front().nodes = nodes;
    options.node_pools.front().max_nodes = nodes;
    cluster_.emplace(options, api_.store(), time_, base::Random(2), nullptr, metrics_);
  }

  void deploy(int replicas) {
    Json web = {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}};
    web["metadata"] = {{"name", kWeb.name}, {"namespace", kWeb.ns}, {"generation", 1}};
    web["spec"] = {
        {"replicas", replicas},
        {"selector", {{"matchLabels", {{"app", "web"}}}}},
        {"strategy", {{"type", "RollingUpdate"}, {"rollingUpdate", {{"maxSurge", "25%"}, {"maxUnavailable", "25%"}}}}},
        {"template",
         {{"metadata", {{"labels", {{"app", "web"}}}}},
          {"spec",
           {{"containers", Json::array({{{"name", "main"},
                                         {"image", "app:1"},
                                         {"resources", {{"requests", {{"cpu", "100m"}, {"memory", "64Mi"}}}}}}})}}}}}};
    if (!api_.store().create(kDeployments, std::move(web))) std::abort();
  }

  void edit(const std::function<void(Json& spec)>& change) {
    const auto edited = api_.store().update(kDeployments, kWeb, fakeapi::Part::kSpec, [&](Json& web) -> base::Result<> {
      change(web["spec"]);
      return {};
    });
    if (!edited) std::abort();
  }

  // Runs until all replicas are new and available; false if that takes more than an hour.
  bool settle() {
    for (int i = 0; i < 3600; ++i) {
      time_.run_for(1s);
      const auto web = api_.store().find(kDeployments, kWeb);
      const Json& status = (*web)["status"];
      const auto count = [&](const char* key) { return status.value(key, 0); };
      const int wanted = (*web)["spec"].value("replicas", 0);
      if (status.value("observedGeneration", 0) == (*web)["metadata"].value("generation", 0) &&
          count("updatedReplicas") == wanted && count("availableReplicas") == wanted && count("replicas") == wanted) {
        return true;
      }
    }
    return false;
  }

 private:
  base::VirtualTime time_{std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)};
  base::Metrics metrics_;
  fakeapi::FakeApiServer api_;
  std::optional<fakeapi::Cluster> cluster_;
};

void row(const char* what, const char* goal, const std::function<bool()>& run) {
  const auto begin = std::chrono::steady_clock::now();
  const bool done = run();
  const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  fmt::print("{:<52} {:>20} {:>22} {:>12}\n", what, done ? fmt::format("{:.0f} ms", ms) : "never done!", "", goal);
  std::fflush(stdout);
}

void roll_out() {
  World world(50);
  world.deploy(500);
  if (!world.settle()) std::abort();
  row("rollout of 500 pods at 25 %/25 %, 50 nodes", "100 ms", [&] {
    world.edit([](Json& spec) { spec["template"]["spec"]["containers"][0]["image"] = "app:2"; });
    return world.settle();
  });
}

void scale_up() {
  World world(1'000);
  world.deploy(10);
  if (!world.settle()) std::abort();
  row("scale-up from 10 to 10,000 pods, 1,000 nodes", "3,000 ms", [&] {
    world.edit([](Json& spec) { spec["replicas"] = 10'000; });
    return world.settle();
  });
}

}  // namespace

// Both, or the one that is named: "rollout", "scale-up".
int main(int argc, char** argv) {
  const std::string_view only = argc > 1 ? argv[1] : "";
  if (only.empty() || only == "rollout") roll_out();
  if (only.empty() || only == "scale-up") scale_up();
  return 0;
}
