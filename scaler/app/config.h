// Everything about a scaler that can be chosen. Defaults are those of the daemon.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "common/http/transport.h"
#include "scaler/actuate/scale_actuator.h"
#include "scaler/client/kube_client.h"
#include "scaler/control/target_controller.h"
#include "scaler/informer/reflector.h"
#include "scaler/policy/policy_spec.h"
#include "scaler/serve/rest_handler.h"

namespace scaler {

struct ScalerConfig {
  std::string ns;  // the namespace that it looks at; empty: all
  // Act on HPAs as kube-controller-manager does, and on ScaledObjects, PodAutoscalers and WatermarkPodAutoscalers as
  // their controllers do: a real cluster that has such objects has these already.
  bool run_hpa_controller = false;
  bool force_ownership = false;                 // write replicas even if an HPA or another policy does
  std::vector<PolicySpec> policies;             // from files; handled like API objects that never change
  std::size_t remembered_decisions = 1000;      // for GET /v1/decisions; 0 remembers none
  http::Transport* decision_service = nullptr;  // for policies that ask it; must outlive the app
  ControlOptions control;
  ActuatorOptions actuator;
  KubeClientOptions client;
  ReflectorOptions reflector;
  RestOptions rest;
};

}  // namespace scaler
