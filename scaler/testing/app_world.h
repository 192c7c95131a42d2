// A scaler beside a tiny API that holds a Deployment of ready pods: what the tests of the whole scaler begin with.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scaler/app/scaler_app.h"
#include "scaler/testing/rig.h"

namespace scaler::testing {

inline constexpr char kMetricsPath[] = "/apis/metrics.k8s.io/v1beta1/namespaces/default/pods";
inline constexpr char kPutScale[] = "PUT /apis/apps/v1/namespaces/default/deployments/api/scale";
inline constexpr char kGetScale[] = "GET /apis/apps/v1/namespaces/default/deployments/api/scale";

// A Deployment "api" of ready pods with a request of 500m each.
struct World : Rig {
  explicit World(int replicas = 2) {
    api.put(kDeployments, deployment("api", replicas));
    for (int i = 0; i < replicas; ++i) {
      const std::string name = "api-" + std::to_string(i);
      api.put(kPods, pod(name, kStart - std::chrono::hours(1)));
    }
    use_cpu("250m");
  }
  ~World() { stop(); }

  // Every pod uses so much.
  void use_cpu(const std::string& cpu) {
    std::vector<std::pair<std::string, std::string>> usage;
    for (int i = 0; i < 40; ++i) usage.emplace_back("api-" + std::to_string(i), cpu);
    api.documents[kMetricsPath] = pod_metrics(usage, clock.now());
  }

  void start(ScalerConfig config) {
    app.emplace(std::move(config), clock, transport, base::Random(1), log, metrics,
                [this](const Decision& decision) { decisions.push_back(decision); });
    app->start();
    clock.run_ready();
  }

  void stop() {
    if (!app) return;
    tasks.spawn(app->stop());
    clock.run_ready();
    app.reset();
  }

  int replicas() { return api.object(kDeployments, "default", "api")["spec"]["replicas"].get<int>(); }

  std::optional<ScalerApp> app;
  std::vector<Decision> decisions;
};

inline ScalerConfig with_hpas() {
  ScalerConfig config;
  config.run_hpa_controller = true;
  return config;
}

inline nlohmann::json scaling_policy(const std::string& name, int min_replicas, int max_replicas) {
  nlohmann::json object = hpa(name, "api", min_replicas, max_replicas);
  object["apiVersion"] = "gamenight/v1";
  object["kind"] = "ScalingPolicy";
  return object;
}

inline nlohmann::json tuner(const std::string& name, const std::string& hpa, int min_replicas) {
  nlohmann::json object;
  object["apiVersion"] = "webapp.streamotion.com.au/v1";
  object["kind"] = "HpaTuner";
  object["metadata"] = {{"namespace", "default"}, {"name", name}};
  object["spec"]["scaleTargetRef"] = {{"kind", "HorizontalPodAutoscaler"}, {"name", hpa}};
  object["spec"]["minReplicas"] = min_replicas;
  object["spec"]["maxReplicas"] = 100;
  object["spec"]["useDecisionService"] = false;
  return object;
}

}  // namespace scaler::testing
